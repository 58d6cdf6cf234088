#include "barnabas/tools/man.hpp"

#include <doctest/doctest.h>

#include "barnabas/tools/command.hpp"
#include "barnabas/tools/man_words.hpp"

using namespace barnabas::tools;

namespace {

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("man: text is escaped so that roff gives it back") {
  CHECK(roff_text("a-b") == "a\\-b");
  CHECK(roff_text("\\n") == "\\en");
  CHECK(roff_text("'x' \"y\" `z` ^ ~") == "\\(aqx\\(aq \\(dqy\\(dq \\(gaz\\(ga \\(ha \\(ti");
  CHECK(roff_text("…") == "\\[u2026]");
  CHECK(roff_text("é😀") == "\\[u00E9]\\[u1F600]");
  CHECK(roff_text("\xe2\x80") != "");  // cut short: no crash
}

TEST_CASE("man: a page of a small command") {
  CLI::App app("Carries records", "barnabas");
  auto* fetch = app.add_subcommand("fetch", "Gets it");
  int number = 7;
  std::string text;
  fetch->add_option("-n,--number", number, ".starts with a dot")->check(CLI::Range(1, 9))->capture_default_str();
  fetch->add_option("--kind", text, "Kind")->check(CLI::IsMember({"data", "request"}))->required();
  fetch->add_option("topic", text, "Name");
  const CommandModel root = command_model(app);
  const std::string page = man_page(root, root.commands.front());
  CHECK(has(page, "\n.TH BARNABAS\\-FETCH 1 "));
  CHECK(has(page, "barnabas\\-fetch \\- Gets it\n"));
  CHECK(has(page, "\\fBbarnabas fetch\\fR [\\fIoptions\\fR] \\fB\\-\\-kind\\fR \\fITEXT\\fR [\\fItopic\\fR]\n.SH"));
  CHECK(has(page, "\\fB\\-n\\fR, \\fB\\-\\-number\\fR \\fIN\\fR\n\\&.starts with a dot. From 1 to 9. Default: 7.\n"));
  CHECK(has(page, "Kind. One of data, request. Required.\n"));
  CHECK(man_file_name(root.commands.front()) == "barnabas-fetch.1");
  CHECK(has(man_page(root, root), ".BR barnabas\\-fetch (1)\nGets it.\n"));
}

TEST_CASE("man: there are words and examples for every command") {
  CLI::App app;
  int exit_code = 0;
  add_commands(app, exit_code);
  REQUIRE(man_words(""));
  for (const CommandModel& command : command_model(app).commands) {
    CAPTURE(command.name);
    const ManWords* words = man_words(command.name);
    REQUIRE(words);
    CHECK(!words->examples.empty());
  }
  CHECK(!man_words("nonsense"));
}
