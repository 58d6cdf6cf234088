#include "barnabas/handlers/remote/verdict.hpp"

#include <fmt/format.h>

#include "barnabas/handlers/dispatch/retry.hpp"

namespace barnabas::handlers {
namespace {

constexpr std::size_t excerpt_bytes_max = 200;

/// The beginning of a body on one line, without what could upset a terminal.
std::string excerpt(std::string_view body) {
  std::string text;
  for (const char c : body.substr(0, excerpt_bytes_max)) {
    const bool is_control = static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    text += is_control ? ' ' : c;
  }
  while (!text.empty() && text.back() == ' ') text.pop_back();
  if (body.size() > excerpt_bytes_max) text += "…";
  return text;
}

bool is_success(int status) { return status >= 200 && status <= 299; }

bool may_pass(int status) { return status == 408 || status == 429 || status >= 500; }

}  // namespace

Verdict judge(const runtime::HttpResponse& response, std::int64_t unix_ms) {
  using Failure = runtime::HttpResponse::Failure;
  Verdict verdict;
  // Nothing in the response is of use, so one that is too long is a success as well.
  const bool is_complete = response.failure == Failure::none || response.failure == Failure::too_large;
  if (is_complete && is_success(response.status)) {
    verdict.kind = Verdict::Kind::delivered;
    return verdict;
  }
  if (response.failure != Failure::none) {
    verdict.kind = response.failure == Failure::bad_url ? Verdict::Kind::rejected : Verdict::Kind::retry;
    verdict.why = response.failure_text.empty() ? "no answer" : response.failure_text;
    return verdict;
  }
  verdict.kind = may_pass(response.status) ? Verdict::Kind::retry : Verdict::Kind::rejected;
  verdict.why = fmt::format("HTTP {}", response.status);
  if (const std::string text = excerpt(response.body); !text.empty()) verdict.why += ": " + text;
  for (const auto& [name, value] : response.headers) {
    if (name == "retry-after") verdict.retry_after = parse_retry_after(value, unix_ms).value_or(verdict.retry_after);
  }
  return verdict;
}

}  // namespace barnabas::handlers
