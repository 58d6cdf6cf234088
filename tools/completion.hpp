// Completions for shells, made of what can be typed.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "barnabas/tools/command_model.hpp"
#include "barnabas/tools/property_model.hpp"

namespace barnabas::tools {

enum class Shell : char { bash, zsh, fish };
std::optional<Shell> parse_shell(std::string_view name);

/// A script that the shell reads. Commands, flags, choices, files and the names and values of -X are completed; topics
/// and groups are not: that would need a cluster.
std::string completion_script(Shell shell, const CommandModel& root, const std::vector<PropertyModel>& properties);

/// One for each shell, for completion_script() alone.
std::string bash_completion(const CommandModel& root, const std::vector<PropertyModel>& properties);
std::string zsh_completion(const CommandModel& root, const std::vector<PropertyModel>& properties);
std::string fish_completion(const CommandModel& root, const std::vector<PropertyModel>& properties);

}  // namespace barnabas::tools
