#include "barnabas/tools/groups_arguments.hpp"

#include <doctest/doctest.h>

#include <sstream>

using namespace barnabas::tools;

namespace {

std::string translated(const std::string& line) {
  std::istringstream words(line);
  std::vector<std::string> arguments;
  for (std::string word; words >> word;) arguments.push_back(word);
  std::string joined;
  for (const std::string& word : translate_groups_arguments(arguments)) joined += (joined.empty() ? "" : " ") + word;
  return joined;
}

}  // namespace

TEST_CASE("groups arguments: command lines of Kafka's tools become ours") {
  struct Row {
    const char *typed, *meant;
  };
  for (const Row& row : {
           Row{"groups --bootstrap-server b:1 --list", "groups list --bootstrap-server b:1"},
           Row{"groups --list --state", "groups list"},
           Row{"groups --list --state --bootstrap-server b", "groups list --bootstrap-server b"},
           Row{"groups --list --state stable,empty --type share", "groups list --state stable,empty --type share"},
           Row{"groups --bootstrap-server b --describe --group g", "groups describe --bootstrap-server b -- g"},
           Row{"groups --describe --group g --group h --offsets", "groups describe -- g h"},
           Row{"groups --describe --group g --state", "groups describe --state -- g"},
           Row{"groups --describe --group=g --members --verbose", "groups members --verbose -- g"},
           Row{"groups --all-groups --describe --verbose", "groups describe --all-groups --verbose"},
           Row{"groups --reset-offsets --group g --topic t:0,1 --to-earliest --dry-run",
               "groups reset --topic t:0,1 --to-earliest --dry-run -- g"},
           Row{"groups --group g --reset-offsets --all-topics --shift-by -10 --execute",
               "groups reset --all-topics --shift-by -10 --execute -- g"},
           Row{"groups --reset-offsets --group g --all-topics --to-current --export",
               "groups reset --all-topics --to-current --export -- g"},
           Row{"groups --delete --group g --timeout 500 --command-config f",
               "groups delete --timeout-ms 500 --command-config f -- g"},
           Row{"groups --delete-offsets --group g --topic t", "groups delete-offsets --topic t -- g"},
       }) {
    CAPTURE(row.typed);
    CHECK(translated(row.typed) == row.meant);
  }
}

TEST_CASE("groups arguments: what is ours stays as it is") {
  for (const char* line : {"", "groups", "groups --help", "groups describe g --state", "groups list --state stable",
                           "consume --list --group g", "topics list", "groups delete g --all", "groups lag --watch=5 g",
                           "groups members --watch 5"}) {
    CHECK(translated(line) == line);
  }
}

TEST_CASE("groups arguments: a number behind --watch is its value") {
  CHECK(translated("groups lag g --watch 5") == "groups lag g --watch=5");
  CHECK(translated("groups lag --watch 0.5 g") == "groups lag --watch=0.5 g");
  CHECK(translated("groups lag --watch g") == "groups lag --watch=2 g");
  CHECK(translated("groups lag g --watch") == "groups lag g --watch=2");
}
