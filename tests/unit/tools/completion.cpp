#include "barnabas/tools/completion.hpp"

#include <doctest/doctest.h>

#include "barnabas/tests/unit/tools/golden.hpp"
#include "barnabas/tools/command.hpp"

using namespace barnabas::tools;

namespace {

/// A command line with one of each kind.
struct SmallApp {
  SmallApp() {
    app.set_help_flag("");
    auto* fetch = app.add_subcommand("fetch", "Gets it, whatever [it] is: and says 'done'");
    fetch->add_option("-t,--topic", texts, "Topic")->allow_extra_args(false);
    fetch->add_option("-z,--codec", text, "Codec")->type_name("none|zstd|LEVEL")->default_str("none");
    fetch->add_option("-X,--property", texts, "Any option")->allow_extra_args(false);
    fetch->add_option("-F,--file", text, "A file")->check(CLI::ExistingFile);
    fetch->add_option("-n", number, "How many")->check(CLI::Range(1, 9))->required();
    fetch->add_flag("-q,--quiet", quiet, "No words");
    fetch->add_option("input", text, "Bytes")->type_name("TEXT|@FILE|-");
    auto* below = app.add_subcommand("group", "Groups")->add_subcommand("list", "All of them");
    below->add_option("--state", text, "Only these")->check(CLI::IsMember({"empty", "stable"}));
  }
  CLI::App app{"A small one", "barnabas"};
  std::vector<std::string> texts;
  std::string text;
  int number = 0;
  bool quiet = false;
};

std::vector<PropertyModel> small_properties() {
  std::vector<PropertyModel> properties(2);
  properties[0].names = {"client.id"};
  properties[0].sentence = "Who asks; it's a name.";
  properties[1].names = {"isolation.level", "isolation"};
  properties[1].values = {"read_committed", "read_uncommitted"};
  properties[1].sentence = "What is read.";
  return properties;
}

const FlagModel& flag_named(const CommandModel& command, const std::string& name) {
  for (const FlagModel& flag : command.flags) {
    for (const std::string& each : flag.names()) {
      if (each == name) return flag;
    }
  }
  FAIL("no flag " << name);
  std::abort();
}

}  // namespace

TEST_CASE("completion: what the tables say is read out of them") {
  const SmallApp small;
  const CommandModel root = command_model(small.app);
  REQUIRE(root.commands.size() == 2);
  const CommandModel& fetch = root.commands[0];
  CHECK(fetch.path == "barnabas fetch");
  CHECK(flag_named(fetch, "-t").takes == Takes::text);
  CHECK(flag_named(fetch, "-t").repeated);
  CHECK(flag_named(fetch, "--codec").takes == Takes::choice);
  CHECK(flag_named(fetch, "--codec").choices == std::vector<std::string>{"none", "zstd"});
  CHECK(flag_named(fetch, "--codec").default_text == "none");
  CHECK(flag_named(fetch, "-X").takes == Takes::property);
  CHECK(flag_named(fetch, "-F").takes == Takes::file);
  CHECK(flag_named(fetch, "-n").range == "1 to 9");
  CHECK(flag_named(fetch, "-n").placeholder == "N");
  CHECK(flag_named(fetch, "-n").required);
  CHECK(flag_named(fetch, "-q").takes == Takes::nothing);
  REQUIRE(fetch.positionals.size() == 1);
  CHECK(fetch.positionals[0].takes == Takes::at_file);
  REQUIRE(root.commands[1].commands.size() == 1);
  CHECK(root.commands[1].commands[0].path == "barnabas group list");
  CHECK(flag_named(root.commands[1].commands[0], "--state").choices == std::vector<std::string>{"empty", "stable"});
}

TEST_CASE("completion: scripts of a small command line, letter by letter") {
  const SmallApp small;
  const CommandModel root = command_model(small.app);
  const auto properties = small_properties();
  const std::string golden = "tests/unit/tools/golden/completion.";
  barnabas::tests::check_golden(golden + "bash", completion_script(Shell::bash, root, properties));
  barnabas::tests::check_golden(golden + "zsh", completion_script(Shell::zsh, root, properties));
  barnabas::tests::check_golden(golden + "fish", completion_script(Shell::fish, root, properties));
}

TEST_CASE("completion: shells by name") {
  CHECK(parse_shell("zsh") == Shell::zsh);
  CHECK(!parse_shell("csh"));
}

TEST_CASE("completion: -X has the options of a connection, of fetching and of groups") {
  const auto properties = connect_properties();
  const auto find = [&](std::string_view name) {
    return std::ranges::find_if(properties, [&](const auto& property) { return property.names.front() == name; });
  };
  REQUIRE(find("isolation.level") != properties.end());
  CHECK(find("isolation.level")->values == std::vector<std::string>{"read_uncommitted", "read_committed"});
  REQUIRE(find("enable.auto.commit") != properties.end());
  CHECK(find("enable.auto.commit")->values == std::vector<std::string>{"true", "false"});
  REQUIRE(find("auto.offset.reset") != properties.end());
  CHECK(find("auto.offset.reset")->values.front() == "earliest");
  REQUIRE(find("request.timeout.ms") != properties.end());
  CHECK(find("request.timeout.ms")->values.empty());
  CHECK(find("request.timeout.ms")->names.back() == "socket.timeout.ms");
}

TEST_CASE("completion: every command is in every script") {
  CLI::App app;
  int exit_code = 0;
  add_commands(app, exit_code);
  const CommandModel root = command_model(app);
  CHECK(root.commands.size() > 10);
  for (const Shell shell : {Shell::bash, Shell::zsh, Shell::fish}) {
    const std::string script = completion_script(shell, root, connect_properties());
    for (const CommandModel& command : root.commands) {
      CAPTURE(command.name);
      CHECK(script.find(command.path.substr(command.path.find(' ') + 1)) != std::string::npos);
    }
    CHECK(script.find("read_uncommitted") != std::string::npos);
  }
}
