// One request in the making: its body, and whose offsets are finished when it was delivered.
#pragma once

#include <cstdint>
#include <vector>

#include "barnabas/client/runtime/http.hpp"
#include "barnabas/group/lane.hpp"

namespace barnabas::handlers {

/// Offsets [first, next) of one turn.
struct AckRange {
  group::Acker acker;
  std::uint64_t turn_id;
  std::int64_t first, next;
};

/// Loop thread only. Reused, so that bodies keep their memory.
struct Batch {
  runtime::HttpRequest request;
  std::vector<AckRange> acks;
  std::uint32_t count = 0;
  bool rejected = false;  ///< the endpoint will never take it
  runtime::TimePoint first_at{};

  bool empty() const { return count == 0; }
  void add_ack(const group::Acker& acker, std::uint64_t turn_id, std::int64_t first, std::int64_t next) {
    if (!acks.empty() && acks.back().turn_id == turn_id && acks.back().next == first) {
      acks.back().next = next;
    } else {
      acks.push_back({acker, turn_id, first, next});
    }
  }
  void acknowledge() const {
    for (const AckRange& range : acks) {
      rejected ? range.acker.reject(range.first, range.next) : range.acker.done(range.first, range.next);
    }
  }
  void release() const {
    for (const AckRange& range : acks) range.acker.release(range.first, range.next);
  }
  void clear() {
    request.body.clear();
    acks.clear();
    count = 0;
    rejected = false;
  }
};

}  // namespace barnabas::handlers
