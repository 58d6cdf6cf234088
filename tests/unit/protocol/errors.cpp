#include "barnabas/protocol/errors.hpp"

#include <doctest/doctest.h>

#include <set>

namespace barnabas::protocol {

TEST_CASE("error codes have Kafka's names") {
  CHECK(name(ErrorCode::none) == "NONE");
  CHECK(name(ErrorCode::unknown_server_error) == "UNKNOWN_SERVER_ERROR");
  CHECK(error_name(1) == "OFFSET_OUT_OF_RANGE");
  CHECK(error_name(27) == "REBALANCE_IN_PROGRESS");
  CHECK(error_name(35) == "UNSUPPORTED_VERSION");
  CHECK(error_name(74) == "FENCED_LEADER_EPOCH");
  CHECK(error_name(100) == "UNKNOWN_TOPIC_ID");
  CHECK(error_name(133) == "SHARE_SESSION_LIMIT_REACHED");
  CHECK(error_name(ErrorCode::fenced_instance_id) == "FENCED_INSTANCE_ID");
}

TEST_CASE("codes that are not listed have a name all the same") {
  CHECK(error_name(134) == "UNKNOWN(134)");
  CHECK(error_name(-2) == "UNKNOWN(-2)");
  CHECK(error_name(32767) == "UNKNOWN(32767)");
  CHECK(error_name(-32768) == "UNKNOWN(-32768)");
  CHECK(name(ErrorCode{200}) == "UNKNOWN");
  CHECK_FALSE(retriable(ErrorCode{200}));
  CHECK_FALSE(wants_metadata(ErrorCode{-7}));
  CHECK(advice(ErrorCode{200}).empty());
}

TEST_CASE("which errors are worth a retry") {
  CHECK_FALSE(retriable(ErrorCode::none));
  CHECK(retriable(ErrorCode::not_coordinator));
  CHECK_FALSE(wants_metadata(ErrorCode::not_coordinator));
  CHECK(retriable(ErrorCode::not_leader_or_follower));
  CHECK(wants_metadata(ErrorCode::not_leader_or_follower));
  CHECK_FALSE(retriable(ErrorCode::illegal_generation));
  CHECK_FALSE(retriable(ErrorCode::topic_authorization_failed));
  CHECK(retriable(ErrorCode::unknown_leader_epoch));
  CHECK_FALSE(wants_metadata(ErrorCode::unknown_leader_epoch));

  std::set<std::string> names;
  int retried = 0, refreshed = 0;
  for (int code = -1; code <= 133; ++code) {
    const ErrorCode error{static_cast<int16>(code)};
    names.insert(std::string(name(error)));
    retried += retriable(error) ? 1 : 0;
    refreshed += wants_metadata(error) ? 1 : 0;
    if (wants_metadata(error)) CHECK(retriable(error));
    CHECK(advice(error).find('\n') == string::npos);
    CHECK(advice(error).empty() == (error == ErrorCode::none));
  }
  CHECK(names.size() == 135);
  CHECK(names.count("UNKNOWN") == 0);
  CHECK(retried == 32);
  CHECK(refreshed == 13);
}

}  // namespace barnabas::protocol
