#include "barnabas/handlers/remote/verdict.hpp"

#include <doctest/doctest.h>

namespace {

using namespace barnabas;
using namespace std::chrono_literals;
using Failure = runtime::HttpResponse::Failure;
using handlers::judge;
using handlers::Verdict;

runtime::HttpResponse answer(int status, std::string body = {}) {
  runtime::HttpResponse response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

runtime::HttpResponse failure(Failure kind, std::string text, int status = 0) {
  runtime::HttpResponse response;
  response.failure = kind;
  response.failure_text = std::move(text);
  response.status = status;
  return response;
}

}  // namespace

TEST_CASE("verdict: statuses") {
  for (const int status : {200, 201, 204, 299}) CHECK(judge(answer(status), 0).kind == Verdict::Kind::delivered);
  for (const int status : {408, 429, 500, 502, 503, 504, 599})
    CHECK(judge(answer(status), 0).kind == Verdict::Kind::retry);
  for (const int status : {100, 301, 302, 400, 401, 403, 404, 413, 422}) {
    CHECK(judge(answer(status), 0).kind == Verdict::Kind::rejected);
  }
}

TEST_CASE("verdict: no answer may be cured by waiting, a URL that is none may not") {
  for (const auto kind : {Failure::resolve, Failure::connect, Failure::tls, Failure::timed_out, Failure::send,
                          Failure::receive, Failure::cancelled}) {
    CHECK(judge(failure(kind, "why"), 0).kind == Verdict::Kind::retry);
    CHECK(judge(failure(kind, "why"), 0).why == "why");
  }
  CHECK(judge(failure(Failure::bad_url, "why"), 0).kind == Verdict::Kind::rejected);
  CHECK(judge(failure(Failure::timed_out, ""), 0).why == "no answer");
}

TEST_CASE("verdict: a long answer counts by its status, one that broke off does not count") {
  CHECK(judge(failure(Failure::too_large, "too large", 200), 0).kind == Verdict::Kind::delivered);
  CHECK(judge(failure(Failure::too_large, "too large", 500), 0).kind == Verdict::Kind::retry);
  CHECK(judge(failure(Failure::receive, "reset", 200), 0).kind == Verdict::Kind::retry);
}

TEST_CASE("verdict: what is said holds the status and the beginning of the body on one line") {
  CHECK(judge(answer(503, "busy\r\n\x1b[31mnow"), 0).why == "HTTP 503: busy   [31mnow");
  CHECK(judge(answer(500), 0).why == "HTTP 500");
  CHECK(judge(answer(500, std::string(10'000, 'x')), 0).why.size() < 250);
}

TEST_CASE("verdict: Retry-After is read where it makes sense") {
  auto response = answer(503);
  response.headers.emplace_back("retry-after", "7");
  CHECK(judge(response, 0).retry_after == 7s);
  response.headers[0].second = "soon";
  CHECK(judge(response, 0).retry_after == 0s);
}
