// All options of all rooms on one page.
#pragma once

#include <cstddef>
#include <string>

namespace barnabas::tools {

/// The text of docs/options.md.
std::string option_reference_page();

/// The same for a terminal of `columns` columns.
std::string option_reference_help(std::size_t columns = 100);

}  // namespace barnabas::tools
