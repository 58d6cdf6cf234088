// The HTTP endpoint that remote handlers send to, with its moods.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "barnabas/fixtures/sim/sim_runtime.hpp"
#include "barnabas/tests/sim/ledger.hpp"

namespace barnabas::tests::sim {

class Sink {
 public:
  enum class Mood : std::uint8_t {
    takes,
    busy,        ///< 503, and nothing is taken
    throttling,  ///< 429 with Retry-After
    confused,    ///< takes what it gets and answers 500
  };

  Sink(fixtures::sim::SimRuntime& sim, Ledger& ledger);

  void be(Mood mood) { mood_ = mood; }
  /// What befalls requests on their way; see HttpFault.
  void fail(fixtures::sim::HttpFault fault) { endpoint_.fail(fault); }
  void set_latency_max(runtime::Duration max) { endpoint_.set_latency(std::chrono::microseconds(100), max); }
  void recover();

 private:
  runtime::HttpResponse answer(const runtime::HttpRequest& request);
  void take(std::string_view body);

  fixtures::sim::SimEndpoint& endpoint_;
  Ledger& ledger_;
  Mood mood_ = Mood::takes;
};

/// The values of a remote handler's body, decoded, in order. Throws std::runtime_error when it is no such body.
std::vector<std::string> values_in(std::string_view body);

}  // namespace barnabas::tests::sim
