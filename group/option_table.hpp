// The options of membership and commits by name.
#pragma once

#include <string>
#include <vector>

#include "barnabas/client/option_table.hpp"
#include "barnabas/group/options.hpp"

namespace barnabas::group {

const client::OptionTableOf<GroupOptions>& group_option_table();

/// What is wrong with options that are fine one by one; one sentence each. Without group.id only what does not need it
/// is looked at.
std::vector<std::string> check_relations(const GroupOptions& options);

}  // namespace barnabas::group
