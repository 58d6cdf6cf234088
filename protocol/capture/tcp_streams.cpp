#include "barnabas/protocol/capture/tcp_streams.hpp"

#include <algorithm>

namespace barnabas::protocol {

namespace {

constexpr std::size_t flows_max = 65'536;
constexpr std::size_t waiting_bytes_max = std::size_t{1} << 20;
constexpr std::size_t all_waiting_bytes_max = std::size_t{64} << 20;
constexpr std::size_t waiting_overhead_bytes = 128;  // of a piece that waits, so that tiny ones count too
constexpr int64 hole_patience_ns = 1'000'000'000;
constexpr int64 idle_ns = 60'000'000'000;

}  // namespace

void TcpStreams::add(const Segment& segment) {
  now_ns_ = segment.time_ns;
  const Flow flow{segment.from, segment.to};
  if (segment.reset) {
    end(flow, segment.time_ns);
    end(flow.reverse(), segment.time_ns);
    return;
  }
  if (segment.ack) acknowledge(flow.reverse(), segment);
  State* const state = find_or_begin(flow, segment);
  if (state == nullptr) return;
  state->last_ns = segment.time_ns;
  take(flow, *state, segment);
  if (state->ends && state->taken >= state->end) end(flow, segment.time_ns);
}

TcpStreams::State* TcpStreams::find_or_begin(const Flow& flow, const Segment& segment) {
  const uint32 first = segment.sequence + (segment.syn ? 1 : 0);
  const auto found = states_.find(flow);
  if (found != states_.end()) {
    const bool again = !segment.syn || found->second.next - static_cast<uint32>(found->second.taken) == first;
    if (again) return &found->second;
    // The port is used anew.
    end(flow, segment.time_ns);
    if (!segment.ack) end(flow.reverse(), segment.time_ns);
  }
  if (!segment.syn && segment.payload_bytes == 0) return nullptr;
  if (states_.size() >= flows_max && !make_room(segment.time_ns)) {
    ++refused_;
    return nullptr;
  }
  State& state = states_[flow];
  state.next = first;
  sink_.on_begin(flow, segment.time_ns, segment.syn);
  return &state;
}

/// Forgets what has been silent for a minute.
bool TcpStreams::make_room(int64 now_ns) {
  std::vector<Flow> idle;
  for (const auto& [flow, state] : states_) {
    if (state.last_ns < now_ns - idle_ns) idle.push_back(flow);
  }
  for (const Flow& flow : idle) end(flow, now_ns);
  return !idle.empty();
}

void TcpStreams::take(const Flow& flow, State& state, const Segment& segment) {
  const uint32 first = segment.sequence + (segment.syn ? 1 : 0);
  // Sequence numbers wrap: what counts is the distance.
  int64 distance = static_cast<int32>(first - state.next);
  bytes data = segment.payload;
  std::size_t wire_bytes = segment.payload_bytes;
  if (segment.fin && distance >= 0) {
    state.ends = true;
    state.end = state.taken + static_cast<uint64>(distance) + wire_bytes;
  }
  if (distance < 0) {
    const auto known = static_cast<std::size_t>(-distance);
    if (known >= wire_bytes) return;
    data = data.subspan(std::min(known, data.size()));
    wire_bytes -= known;
    distance = 0;
    if (segment.fin) state.ends = true, state.end = state.taken + wire_bytes;
  }
  if (wire_bytes == 0) return;
  if (distance == 0) {
    hand_out(flow, state, segment.time_ns, data, wire_bytes);
    return drain(flow, state);
  }
  if (state.waiting.empty()) state.since_ns = segment.time_ns;
  auto [place, is_new] = state.waiting.try_emplace(state.taken + static_cast<uint64>(distance));
  if (!is_new && place->second.wire_bytes >= wire_bytes) return;
  const std::size_t before = is_new ? 0 : place->second.data.size() + waiting_overhead_bytes;
  place->second = {std::string(data.data(), data.size()), wire_bytes, segment.time_ns};
  state.waiting_bytes += data.size() + waiting_overhead_bytes - before;
  waiting_bytes_ += data.size() + waiting_overhead_bytes - before;
  while (state.waiting_bytes > waiting_bytes_max ||
         (waiting_bytes_ > all_waiting_bytes_max && !state.waiting.empty())) {
    skip_hole(flow, state);
  }
}

void TcpStreams::hand_out(const Flow& flow, State& state, int64 time_ns, bytes data, std::size_t wire_bytes) {
  state.next += static_cast<uint32>(wire_bytes);
  state.taken += wire_bytes;
  if (!data.empty()) sink_.on_bytes(flow, time_ns, data);
  if (data.size() < wire_bytes) sink_.on_gap(flow, time_ns, wire_bytes - data.size());
}

/// What no longer waits for anything.
void TcpStreams::drain(const Flow& flow, State& state) {
  while (!state.waiting.empty() && state.waiting.begin()->first <= state.taken) {
    auto piece = state.waiting.extract(state.waiting.begin());
    const Waiting& waiting = piece.mapped();
    state.waiting_bytes -= waiting.data.size() + waiting_overhead_bytes;
    waiting_bytes_ -= waiting.data.size() + waiting_overhead_bytes;
    const uint64 known = state.taken - piece.key();
    if (known >= waiting.wire_bytes) continue;
    const bytes data = bytes(waiting.data).subspan(std::min<std::size_t>(known, waiting.data.size()));
    hand_out(flow, state, waiting.time_ns, data, waiting.wire_bytes - known);
  }
  state.since_ns = now_ns_;
}

/// Gives up on what is missing.
void TcpStreams::skip_hole(const Flow& flow, State& state) {
  if (state.waiting.empty()) return;
  const auto& [place, first] = *state.waiting.begin();
  const uint64 missing = place - state.taken;
  state.next += static_cast<uint32>(missing);
  state.taken = place;
  sink_.on_gap(flow, first.time_ns, missing);
  drain(flow, state);
}

/// `segment` goes the other way and says what has arrived of `flow`.
void TcpStreams::acknowledge(const Flow& flow, const Segment& segment) {
  const auto found = states_.find(flow);
  if (found == states_.end() || found->second.waiting.empty()) return;
  State& state = found->second;
  const int64 arrived = static_cast<int32>(segment.acknowledged - state.next);
  const bool beyond = arrived > 0 && state.taken + static_cast<uint64>(arrived) >= state.waiting.begin()->first;
  if (!beyond || segment.time_ns - state.since_ns < hole_patience_ns) return;
  skip_hole(flow, state);
  if (state.ends && state.taken >= state.end) end(flow, segment.time_ns);
}

void TcpStreams::end(const Flow& flow, int64 time_ns) {
  const auto found = states_.find(flow);
  if (found == states_.end()) return;
  while (!found->second.waiting.empty()) skip_hole(flow, found->second);
  states_.erase(found);
  sink_.on_end(flow, time_ns);
}

void TcpStreams::finish() {
  while (!states_.empty()) {
    const Flow flow = states_.begin()->first;
    end(flow, now_ns_);
  }
}

}  // namespace barnabas::protocol
