// The barnabas command. Each subcommand has a file of its own, named like it.
#include <csignal>
#include <cstdio>

#include "barnabas/tools/command.hpp"
#include "barnabas/tools/version.hpp"

int main(int argc, char** argv) {
  using namespace barnabas::tools;
  // A reader that goes away ("| head") ends the writing, not the process in the middle of something.
  std::signal(SIGPIPE, SIG_IGN);

  CLI::App app("Carries records out of Apache Kafka and hands them to whoever waits for them.", "barnabas");
  app.set_version_flag("--version", barnabas_version);
  app.require_subcommand(1);
  app.get_formatter()->column_width(34);
  int exit_code = exit_ok;
  add_run(app, exit_code);
  add_consume(app, exit_code);
  add_produce(app, exit_code);
  add_topics(app, exit_code);
  add_broker(app, exit_code);
  add_demo(app, exit_code);
  add_bench(app, exit_code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? exit_ok : exit_usage;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "barnabas: %s\n", error.what());
    return exit_failed;
  }
  return exit_code;
}
