// The barnabas command. Each subcommand has a file of its own, named like it.
#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <system_error>

#include "barnabas/client/error.hpp"
#include "barnabas/tools/command.hpp"
#include "barnabas/tools/groups_arguments.hpp"
#include "barnabas/tools/session.hpp"
#include "barnabas/tools/terminal.hpp"

namespace barnabas::tools {
namespace {

// With one of these closed, the first socket would take its number, and what is printed would go to a broker.
void open_standard_streams() {
  int fd = 0;
  while (fd >= 0 && fd <= STDERR_FILENO) fd = open("/dev/null", O_RDWR);
  if (fd > STDERR_FILENO) close(fd);
}

int wrong_usage(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App* command = &app;
  std::string name = app.get_name();
  while (!command->get_subcommands().empty()) {
    command = command->get_subcommands().front();
    name += " " + command->get_name();
  }
  print_error_line(fmt::format("barnabas: {}; {} --help tells what there is", one_line(error.what()), name));
  return exit_usage;
}

/// What was printed and could not be written is a failure, unless its reader went away on purpose.
int flush_output(int exit_code) {
  if (std::fflush(stdout) == 0 || errno == EPIPE) return exit_code;
  print_error_line(
      fmt::format("barnabas: could not write to standard output: {}", std::generic_category().message(errno)));
  return exit_code == exit_ok ? exit_failed : exit_code;
}

int run_command(int argc, char** argv) {
  CLI::App app;
  int exit_code = exit_ok;
  add_commands(app, exit_code);
  try {
    std::vector<std::string> arguments = translate_groups_arguments({argv + 1, argv + argc});
    std::ranges::reverse(arguments);
    app.parse(arguments);
  } catch (const CLI::Success& help_or_version) {
    return app.exit(help_or_version);
  } catch (const CLI::ParseError& error) {
    return wrong_usage(app, error);
  } catch (const Error& error) {
    return report(error);
  } catch (const std::system_error& error) {
    if (error.code() == std::errc::broken_pipe) return exit_ok;
    print_error_line(std::string("barnabas: ") + error.what());
    return exit_failed;
  } catch (const std::exception& error) {
    print_error_line(std::string("barnabas: ") + error.what());
    return exit_failed;
  }
  if (!app.get_subcommands().empty()) return exit_code;
  std::fputs(app.help().c_str(), stderr);
  return exit_usage;
}

}  // namespace
}  // namespace barnabas::tools

int main(int argc, char** argv) {
  using namespace barnabas::tools;
  // A reader that goes away ("| head") ends the writing, not the process in the middle of something.
  std::signal(SIGPIPE, SIG_IGN);
  open_standard_streams();
  return flush_output(run_command(argc, argv));
}
