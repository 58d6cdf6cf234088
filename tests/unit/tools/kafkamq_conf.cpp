// Each golden/NAME.conf with the native text (NAME.toml) and the messages (NAME.messages) that it must give.
#include "barnabas/tools/kafkamq_conf.hpp"

#include <doctest/doctest.h>

#include "barnabas/tests/unit/tools/golden.hpp"

namespace {

using namespace barnabas::tools;
using namespace barnabas::tests;

const std::string golden_path = "tests/unit/tools/golden/";

std::string messages_of(const KafkamqTranslation& translation) {
  std::string text;
  for (const auto& problem : translation.errors) text += "error " + problem.text() + "\n";
  for (const auto& problem : translation.warnings) text += "warning " + problem.text() + "\n";
  return text;
}

void check_case(const std::string& name) {
  const std::string conf = read_source_file(golden_path + name + ".conf");
  REQUIRE_FALSE(conf.empty());
  const auto translation = translate_kafkamq_conf(name + ".conf", conf);
  check_golden(golden_path + name + ".toml", translation.toml);
  check_golden(golden_path + name + ".messages", messages_of(translation));
  CHECK(translation.toml.empty() == !translation.errors.empty());
  if (translation.toml.empty()) return;
  const auto config = read_native_config("native", translation.toml);
  CHECK_MESSAGE(config.has_value(), (config ? "" : config.error()[0].text()));
}

}  // namespace

TEST_CASE("kafkamq.conf: remote_handle alone") { check_case("remote_only"); }
TEST_CASE("kafkamq.conf: several inputs, extensions, defaults") { check_case("two_inputs"); }
TEST_CASE("kafkamq.conf: what has no effect is warned about") { check_case("warned"); }
TEST_CASE("kafkamq.conf: what would lose records or safety is refused") { check_case("refused"); }
TEST_CASE("kafkamq.conf: the sample without a handler") { check_case("nothing"); }
TEST_CASE("kafkamq.conf: broken TOML") { check_case("broken"); }

TEST_CASE("kafkamq.conf: versions as the collector reads them") {
  for (const auto* version : {"2.0.0", "0.8.2.0", "2.8.0", "10.20.30"})
    CHECK_MESSAGE(is_kafkamq_version(version), version);
  for (const auto* version : {"", "2.0", "0.7.0", "0.8.2", "2.12-2.8.1", "2.0.0.0", "2..00", "a.b.c", "2.0.0."}) {
    CHECK_MESSAGE(!is_kafkamq_version(version), version);
  }
}

TEST_CASE("kafkamq.conf: recognised by its inputs") {
  CHECK(is_kafkamq_conf("[[inputs.kafkamq]]\n"));
  CHECK(is_kafkamq_conf("[inputs.kafkamq]\n"));
  CHECK_FALSE(is_kafkamq_conf("[[inputs.cpu]]\n"));
  CHECK_FALSE(is_kafkamq_conf("[[source]]\n"));
  CHECK_FALSE(is_kafkamq_conf("[["));
}
