#include "barnabas/tools/config/reference.hpp"

#include <array>

#include "barnabas/group/option_table.hpp"
#include "barnabas/handlers/options.hpp"

namespace barnabas::tools {
namespace {

std::array<const client::OptionTable*, 5> all_tables() {
  return {&client::client_option_table(), &client::fetch_option_table(), &group::group_option_table(),
          &handlers::remote_option_table(), &handlers::stdout_option_table()};
}

constexpr const char* page_head = R"(# Options

Made from the option tables in the code (`client/option_table.cpp`, `group/option_table.cpp`,
`handlers/option_table.cpp`); a test holds this page to them. Times are in milliseconds, sizes in bytes, as the names say.

The first three tables are for `-X name=value` on the command line and for a `[[source]]` of a configuration file, the
others for a `[handler.NAME]` (see [configuration.md](configuration.md)). Names are Java's where Java has the option; the
others named beside them mean the same. `_` and `-` may stand for `.`; unknown names are refused.
)";

}  // namespace

std::string option_reference_page() {
  std::string page = page_head;
  for (const client::OptionTable* table : all_tables()) {
    page.append("\n## ").append(table->title).append("\n\n").append(client::option_markdown(*table));
  }
  return page;
}

std::string option_reference_help(std::size_t columns) {
  std::string text;
  for (const client::OptionTable* table : all_tables()) {
    if (!text.empty()) text += '\n';
    text += client::option_help(*table, columns);
  }
  return text;
}

}  // namespace barnabas::tools
