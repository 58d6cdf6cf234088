// First-bytes diagnosis: each cause has words of its own, names the other side, and says what to do.
#include "barnabas/client/cluster/diagnose.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <vector>

using namespace barnabas;
using namespace barnabas::client;

namespace {

constexpr std::int64_t frame_bytes_max = 128 << 20;
const std::string with = "broker 2 at kafka:9092";

Error length(std::int32_t bytes) { return diagnose_length(bytes, frame_bytes_max, "read a response", with); }

Error silence(ConnectStep step) { return diagnose_silence(step, runtime::Endpoint("kafka", 9092), with); }

Error dial(runtime::DialError::Stage stage, runtime::DialError::Reason reason, const char* text, bool advertised) {
  runtime::DialError error;
  error.stage = stage;
  error.reason = reason;
  error.text = text;
  return diagnose_dial(error, runtime::Endpoint("kafka", 9092), with, advertised);
}

}  // namespace

TEST_CASE("diagnose: causes are told apart, and each names the other side") {
  using Stage = runtime::DialError::Stage;
  using Reason = runtime::DialError::Reason;
  const std::vector<Error> errors = {
      length(0x48545450),  // HTTP
      length(0x15030300),  // a TLS alert
      length(0x7fffffff),  // 2 GiB
      length(-1),
      length(3),                     // too small
      diagnose_early_end(with, ""),  // hung up
      diagnose_early_end(with, "Connection reset by peer"),
      dial(Stage::resolve, Reason::no_such_host, "Name or service not known", false),
      dial(Stage::resolve, Reason::timed_out, "the name server gave no answer in time", false),
      dial(Stage::resolve, Reason::no_such_host, "Name or service not known", true),
      dial(Stage::connect, Reason::refused, "Connection refused", false),
      dial(Stage::connect, Reason::timed_out, "Connection timed out", false),
      dial(Stage::connect, Reason::refused, "Connection refused", true),
      silence(ConnectStep::pause),
      silence(ConnectStep::name),
      silence(ConnectStep::tcp),
      silence(ConnectStep::answer),
  };
  std::set<std::string> texts;
  for (const Error& error : errors) {
    const std::string text = error.what();
    CAPTURE(text);
    CHECK(texts.insert(text).second);
    CHECK(text.find(with) != std::string::npos);
    CHECK(text.starts_with("could not "));
    CHECK_FALSE(error.hint().empty());
  }
}

TEST_CASE("diagnose: what waiting may cure is retriable, a foreign protocol is not") {
  using Stage = runtime::DialError::Stage;
  using Reason = runtime::DialError::Reason;
  CHECK_FALSE(length(0x48545450).retriable());
  CHECK_FALSE(length(0x15030300).retriable());
  CHECK(diagnose_early_end(with, "").retriable());
  CHECK(dial(Stage::resolve, Reason::failed, "x", false).retriable());
  CHECK(dial(Stage::connect, Reason::refused, "x", false).retriable());
  CHECK(silence(ConnectStep::answer).retriable());
  CHECK(length(0x15030300).stage() == Error::Stage::tls);
}
