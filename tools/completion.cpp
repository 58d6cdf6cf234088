// barnabas completion: what a shell needs to complete the command line.
#include "barnabas/tools/completion.hpp"

#include <fmt/core.h>

#include "barnabas/tools/command.hpp"

namespace barnabas::tools {

std::optional<Shell> parse_shell(std::string_view name) {
  if (name == "bash") return Shell::bash;
  if (name == "zsh") return Shell::zsh;
  if (name == "fish") return Shell::fish;
  return std::nullopt;
}

std::string completion_script(Shell shell, const CommandModel& root, const std::vector<PropertyModel>& properties) {
  switch (shell) {
    case Shell::bash: return bash_completion(root, properties);
    case Shell::zsh: return zsh_completion(root, properties);
    case Shell::fish: break;
  }
  return fish_completion(root, properties);
}

void add_completion(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("completion", "Print what a shell needs to complete the command line");
  auto name = std::make_shared<std::string>();
  command->add_option("shell", *name, "Whose script: bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  command->callback([name, &app, &exit_code] {
    fmt::print("{}", completion_script(*parse_shell(*name), command_model(app), connect_properties()));
    exit_code = exit_ok;
  });
}

}  // namespace barnabas::tools
