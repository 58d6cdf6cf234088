// Escapes in delimiters and formats, as kcat knows them: \n \r \t \\ \xNN.
#pragma once

#include <string>
#include <string_view>

namespace barnabas::tools {

/// Unknown escapes stay as they are.
std::string unescape(std::string_view text);

}  // namespace barnabas::tools
