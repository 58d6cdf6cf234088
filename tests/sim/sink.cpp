#include "barnabas/tests/sim/sink.hpp"

#include <stdexcept>

namespace barnabas::tests::sim {
namespace {

std::uint32_t sextet(char c) {
  if (c >= 'A' && c <= 'Z') return static_cast<std::uint32_t>(c - 'A');
  if (c >= 'a' && c <= 'z') return static_cast<std::uint32_t>(c - 'a' + 26);
  if (c >= '0' && c <= '9') return static_cast<std::uint32_t>(c - '0' + 52);
  if (c == '+') return 62;
  if (c == '/') return 63;
  throw std::runtime_error("a value in a request body is not base64");
}

std::string decode_base64(std::string_view text) {
  while (text.ends_with('=')) text.remove_suffix(1);
  std::string data;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    bits = bits << 6 | sextet(c);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    data += static_cast<char>(bits >> count & 0xff);
  }
  return data;
}

}  // namespace

std::vector<std::string> values_in(std::string_view body) {
  constexpr std::string_view mark = "\"value\":\"";
  if (!body.starts_with('[') || !body.ends_with(']')) throw std::runtime_error("a request body is no JSON array");
  std::vector<std::string> values;
  for (std::size_t at = body.find(mark); at != body.npos; at = body.find(mark, at)) {
    at += mark.size();
    const std::size_t end = body.find('"', at);
    if (end == body.npos) throw std::runtime_error("a request body is cut short");
    values.push_back(decode_base64(body.substr(at, end - at)));
  }
  return values;
}

Sink::Sink(fixtures::sim::SimRuntime& sim, Ledger& ledger) : endpoint_(sim.http().endpoint(sink_url)), ledger_(ledger) {
  endpoint_.respond([this](const runtime::HttpRequest& request) { return answer(request); });
}

void Sink::recover() {
  be(Mood::takes);
  fail(fixtures::sim::HttpFault::none);
  set_latency_max(std::chrono::milliseconds(5));
}

void Sink::take(std::string_view body) {
  for (const std::string& value : values_in(body)) ledger_.arrived(Label::read(value));
}

runtime::HttpResponse Sink::answer(const runtime::HttpRequest& request) {
  runtime::HttpResponse response;
  response.status = 200;
  if (mood_ == Mood::busy) {
    response.status = 503;
  } else if (mood_ == Mood::throttling) {
    response.status = 429;
    response.headers.emplace_back("retry-after", "1");
  } else {
    take(request.body);
    if (mood_ == Mood::confused) response.status = 500;
  }
  return response;
}

}  // namespace barnabas::tests::sim
