#include "barnabas/tools/property_model.hpp"

#include <algorithm>
#include <string_view>

#include "barnabas/client/option_table.hpp"
#include "barnabas/group/option_table.hpp"

namespace barnabas::tools {
namespace {

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> found;
  while (!text.empty()) {
    const std::size_t end = text.find(' ');
    if (end != 0) found.emplace_back(text.substr(0, end));
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
  }
  return found;
}

/// The first spelling of each choice; of a form as "last:N" what stands before its variable part.
std::vector<std::string> values_of(const client::OptionRow& row) {
  if (row.type == client::OptionType::boolean) return {"true", "false"};
  std::vector<std::string> values = words(row.choices);
  for (std::string& value : values) {
    value.resize(std::min(value.size(), value.find('|')));
    if (const std::size_t colon = value.find(':'); colon != value.npos) value.resize(colon + 1);
  }
  return values;
}

}  // namespace

std::vector<PropertyModel> connect_properties() {
  std::vector<PropertyModel> properties;
  const client::OptionTable* tables[] = {&client::client_option_table(), &client::fetch_option_table(),
                                         &group::group_option_table()};
  for (const client::OptionTable* table : tables) {
    for (const client::OptionRow& row : table->rows) {
      PropertyModel property;
      property.names = words(row.aliases);
      property.names.insert(property.names.begin(), std::string(row.name));
      property.values = values_of(row);
      property.sentence = row.sentence;
      properties.push_back(std::move(property));
    }
  }
  std::ranges::sort(properties, {}, [](const PropertyModel& property) { return property.names.front(); });
  return properties;
}

}  // namespace barnabas::tools
