// All subcommands, in the order in which --help names them.
#include <fmt/core.h>

#include "barnabas/tools/command.hpp"
#include "barnabas/tools/version.hpp"

namespace barnabas::tools {

void add_commands(CLI::App& app, int& exit_code) {
  app.description("Carries records out of Apache Kafka and hands them to whoever waits for them.");
  app.name("barnabas");
  app.set_version_flag("--version", fmt::format("barnabas {}", barnabas_version), "Print the version and exit");
  app.require_subcommand(0, 1);
  app.get_formatter()->column_width(34);
  add_run(app, exit_code);
  add_consume(app, exit_code);
  add_produce(app, exit_code);
  add_topics(app, exit_code);
  add_metadata(app, exit_code);
  add_offsets(app, exit_code);
  add_query(app, exit_code);
  add_broker(app, exit_code);
  add_demo(app, exit_code);
  add_bench(app, exit_code);
  add_protocol(app, exit_code);
  add_records(app, exit_code);
  add_groups(app, exit_code);
  add_completion(app, exit_code);
  add_man(app, exit_code);
}

}  // namespace barnabas::tools
