#include "barnabas/group/subscription.hpp"

#include <doctest/doctest.h>

#include <string>

#include "barnabas/client/error.hpp"

namespace barnabas::group {
namespace {

using Texts = std::vector<std::string>;

std::string refusal(Texts texts) {
  try {
    Subscription subscription(std::move(texts));
  } catch (const Error& error) {
    CHECK(error.stage() == Error::Stage::config);
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("subscription: names are sorted, each once, and exclusions leave them out") {
  const Subscription subscription({"b", "a", "b", "c", "!c", "!^x"});
  CHECK(subscription.names() == Texts{"a", "b"});
  CHECK(!subscription.has_patterns());
  CHECK(subscription.wants("a", false));
  CHECK(!subscription.wants("c", false));
}

TEST_CASE("subscription: patterns begin at the start of a name, and end where they say") {
  const Subscription subscription({"^logs", "^exact$", "!^logs-.*-test$", "!logs-private"});
  CHECK(subscription.has_patterns());
  CHECK(subscription.wants("logs", false));
  CHECK(subscription.wants("logs-eu", false));
  CHECK(!subscription.wants("my-logs", false));
  CHECK(!subscription.wants("logs-eu-test", false));
  CHECK(!subscription.wants("logs-private", false));
  CHECK(subscription.wants("exact", false));
  CHECK(!subscription.wants("exactly", false));
}

TEST_CASE("subscription: internal topics are chosen by name alone") {
  const Subscription subscription({"^.*", "__consumer_offsets"});
  CHECK(!subscription.wants("__transaction_state", true));
  CHECK(subscription.wants("__consumer_offsets", true));
  CHECK(subscription.wants("orders", false));
}

TEST_CASE("subscription: what cannot work is refused, with the reason") {
  CHECK(refusal({"^logs("}).find("missing )") != std::string::npos);
  CHECK(refusal({"^(?=x)"}).find("RE2") != std::string::npos);
  CHECK(refusal({"!^logs"}).find("no topic is named") != std::string::npos);
  CHECK(refusal({}).find("no topic is named") != std::string::npos);
  CHECK(refusal({""}).find("empty") != std::string::npos);
  CHECK(refusal({"!"}).find("empty") != std::string::npos);
  CHECK(refusal({"^((a{100}){100}){100}"}) != "");
}

}  // namespace barnabas::group
