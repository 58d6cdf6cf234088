// The reference page of all options is what the tables say.
#include "barnabas/tools/config/reference.hpp"

#include <doctest/doctest.h>

#include "barnabas/tests/unit/tools/golden.hpp"

TEST_CASE("options: docs/options.md is made from the tables") {
  barnabas::tests::check_golden("docs/options.md", barnabas::tools::option_reference_page());
}

TEST_CASE("options: the help names every table") {
  const std::string help = barnabas::tools::option_reference_help();
  for (const auto* title :
       {"Cluster connection:", "Fetching:", "Consumer group:", "Handler: remote:", "Handler: stdout:"}) {
    CHECK_MESSAGE(help.find(title) != std::string::npos, title);
  }
}
