// The options that -X takes, as plain data for completions and man pages.
#pragma once

#include <string>
#include <vector>

namespace barnabas::tools {

struct PropertyModel {
  PropertyModel() = default;
  std::vector<std::string> names;   ///< the canonical one, then aliases
  std::vector<std::string> values;  ///< what may stand behind '=', where that is a choice; else empty
  std::string sentence;
};

/// Those of every command with a cluster, sorted by name.
std::vector<PropertyModel> connect_properties();

}  // namespace barnabas::tools
