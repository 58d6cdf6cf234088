// Manual pages, made of what can be typed and of man_words.
#pragma once

#include <string>

#include "barnabas/tools/command_model.hpp"

namespace barnabas::tools {

/// The page of a command directly below barnabas, or of barnabas itself, for the man macros of roff. `root` is what
/// command_model() makes of all commands.
std::string man_page(const CommandModel& root, const CommandModel& command);

/// "barnabas-consume.1"
std::string man_file_name(const CommandModel& command);

/// `text` as roff reads it back: backslashes and dashes escaped, everything beyond ASCII as a code point.
std::string roff_text(std::string_view text);

}  // namespace barnabas::tools
