#include "barnabas/protocol/capture/exchanges.hpp"

#include <algorithm>
#include <ranges>
#include <utility>

#include "barnabas/protocol/memory.hpp"
#include "barnabas/protocol/messages/produce.hpp"
#include "barnabas/protocol/messages/registry.hpp"

namespace barnabas::protocol {

namespace {

using detail::big_endian;
using detail::get;

constexpr std::size_t plausible_bytes_max = std::size_t{512} << 20;
constexpr std::size_t cut_bytes = std::size_t{64} << 10;  // what is kept of a frame that is too big
constexpr std::size_t pending_max = 10'000;               // requests on one connection without an answer
constexpr std::size_t answers_tried_max = 64;  // answers come in order, so the next one is to one of the first
constexpr int16 client_id_bytes_plausible = 512;

template <class U>
auto number_at(string data, std::size_t at) {
  return static_cast<std::make_signed_t<U>>(big_endian(get<U>(data.data() + at)));
}

/// Size, key, version, correlation id and the length of the client id.
constexpr std::size_t request_start_bytes = 14;
constexpr std::size_t response_start_bytes = 8;

enum class Looks { like_one, unlike, undecided };

/// A frame that is all there has to be readable; else the header decides, up to the client id.
Looks looks_like_request(string data) {
  if (data.size() < request_start_bytes) return Looks::undecided;
  const auto size = number_at<uint32>(data, 0);
  const auto client_id_bytes = number_at<uint16>(data, 12);
  if (size < 10 || static_cast<std::size_t>(size) > plausible_bytes_max || data[4] != 0) return Looks::unlike;
  const MessageInfo* const info = find_message(number_at<uint16>(data, 4), MessageKind::request);
  const auto version = number_at<uint16>(data, 6);
  if (info == nullptr || !info->api.versions.has(version) || client_id_bytes < -1 ||
      client_id_bytes > client_id_bytes_plausible || client_id_bytes > size - 10) {
    return Looks::unlike;
  }
  const string client_id =
      data.substr(request_start_bytes, static_cast<std::size_t>(std::max<int>(client_id_bytes, 0)));
  if (!std::ranges::all_of(client_id, [](char c) { return c >= ' ' && c <= '~'; })) return Looks::unlike;
  if (static_cast<int>(client_id.size()) < client_id_bytes) return Looks::undecided;
  const string frame = data.substr(frame_size_bytes, static_cast<std::size_t>(size));
  if (frame.size() < static_cast<std::size_t>(size)) return Looks::like_one;
  const auto header = decode_request_header(bytes(frame));
  if (!header) return Looks::unlike;
  Arena arena;
  DecodeError error;
  const bytes body = bytes(frame).subspan(header->body_at);
  return decode(*info, new_message(*info, arena), body, version, arena, lenient, error) ? Looks::like_one
                                                                                        : Looks::unlike;
}

bool wants_answer(const RequestHeader& header, bytes frame) {
  if (ApiKey{header.api_key} != ApiKey::produce) return true;
  const auto found = decode_request_header(frame);
  if (!found) return true;
  Arena arena;
  const auto request = decode<ProduceRequest>(frame.subspan(found->body_at), header.api_version, arena, lenient);
  return !request || *request->acks != 0;
}

bool begins_tls(string data) { return data.size() >= 3 && data[0] == 0x16 && data[1] == 3 && data[2] <= 4; }

}  // namespace

void ExchangeReader::notice(Place place, int64 time_ns, const std::string& what) {
  sink_.on_notice(place->first.from, place->first.to, time_ns, what);
}

/// An empty buffer, in this state.
void ExchangeReader::reset(Frames& frames, Frames::State state) {
  held_bytes_ -= frames.buffer.size();
  const bool open = frames.open;
  frames = {};
  frames.open = open;
  frames.state = state;
}

void ExchangeReader::on_begin(const Flow& flow, int64 time_ns, bool whole) {
  const Place place = connections_.try_emplace(to_broker(flow)).first;
  Frames& frames = is_request(flow) ? place->second.requests : place->second.responses;
  reset(frames, whole ? Frames::State::in_frames : Frames::State::searching);
  frames.open = true;
  if (!whole && is_request(flow)) notice(place, time_ns, "was open already when the capture began");
}

void ExchangeReader::on_bytes(const Flow& flow, int64 time_ns, bytes data) {
  const Place place = connections_.find(to_broker(flow));
  if (place == connections_.end()) return;
  const bool request = is_request(flow);
  Frames& frames = request ? place->second.requests : place->second.responses;
  if (frames.state == Frames::State::given_up) return;
  const std::size_t beyond = std::min(frames.beyond, data.size());
  frames.beyond -= beyond;
  data = data.subspan(beyond);
  if (data.empty()) return;
  frames.buffer.append(data.data(), data.size());
  held_bytes_ += data.size();
  if (std::exchange(frames.fresh, false) && request && begins_tls(frames.buffer)) {
    reset(frames, Frames::State::given_up);
    reset(place->second.responses, Frames::State::given_up);
    return notice(place, time_ns, "speaks TLS, which cannot be read");
  }
  const std::size_t before = frames.buffer.size();
  cut(place, request, time_ns);
  held_bytes_ -= before - frames.buffer.size();
  if (held_bytes_ <= held_bytes_max) return;
  notice(place, time_ns, "has to wait for too much; it goes on with the next frame that is recognised");
  reset(frames, Frames::State::searching);
}

/// Takes complete frames from the front of the buffer.
void ExchangeReader::cut(Place place, bool request, int64 time_ns) {
  Frames& frames = request ? place->second.requests : place->second.responses;
  std::size_t at = 0;
  for (;;) {
    if (frames.state == Frames::State::searching) {
      frames.buffer.erase(0, std::exchange(at, 0));
      if (!search(place->second, frames, request)) return;
      frames.state = Frames::State::in_frames;
    }
    const string rest = string(frames.buffer).substr(at);
    if (rest.size() < frame_size_bytes) break;
    const auto size = number_at<uint32>(rest, 0);
    if (size < 0 || static_cast<std::size_t>(size) > plausible_bytes_max) {
      lose(place, request, time_ns, "has a frame of " + std::to_string(size) + " bytes");
      ++at;
      continue;
    }
    const auto wire_bytes = static_cast<std::size_t>(size);
    const string body = rest.substr(frame_size_bytes);
    if (wire_bytes > frame_bytes_max) {
      if (body.size() < cut_bytes) break;
      frame(place, request, time_ns, bytes(body.substr(0, cut_bytes)), wire_bytes);
      const std::size_t here = std::min(wire_bytes, body.size());
      frames.beyond = wire_bytes - here;
      at += frame_size_bytes + here;
    } else {
      if (body.size() < wire_bytes) break;
      frame(place, request, time_ns, bytes(body.substr(0, wire_bytes)), wire_bytes);
      at += frame_size_bytes + wire_bytes;
    }
  }
  frames.buffer.erase(0, at);
}

/// Drops what cannot be the start of a frame. True when the buffer begins with one.
bool ExchangeReader::search(const Connection& connection, Frames& frames, bool request) const {
  const auto answers = [&](string data) {
    if (data.size() < response_start_bytes) return Looks::undecided;
    const auto size = number_at<uint32>(data, 0);
    const bool known = size >= 4 && static_cast<std::size_t>(size) <= plausible_bytes_max &&
                       std::ranges::any_of(connection.pending | std::views::take(answers_tried_max),
                                           [id = number_at<uint32>(data, 4)](const Pending& pending) {
                                             return pending.header.correlation_id == id;
                                           });
    return known ? Looks::like_one : Looks::unlike;
  };
  const string data = frames.buffer;
  std::size_t at = 0;
  Looks looks = Looks::undecided;
  for (; at < data.size(); ++at) {
    looks = request ? looks_like_request(data.substr(at)) : answers(data.substr(at));
    if (looks != Looks::unlike) break;
  }
  frames.buffer.erase(0, at);
  return looks == Looks::like_one;
}

void ExchangeReader::frame(Place place, bool request, int64 time_ns, bytes data, std::size_t wire_bytes) {
  request ? request_frame(place, time_ns, data, wire_bytes) : response_frame(place, time_ns, data, wire_bytes);
}

void ExchangeReader::request_frame(Place place, int64 time_ns, bytes data, std::size_t wire_bytes) {
  Connection& connection = place->second;
  if (connection.bare) {
    std::string with_size(frame_size_bytes, '\0');
    detail::put(with_size.data(), big_endian(static_cast<uint32>(wire_bytes)));
    with_size.append(data.data(), data.size());
    if (looks_like_request(with_size) != Looks::like_one) {
      ++connection.bare_tokens;
      return notice(place, time_ns, "sends a SASL token of " + std::to_string(wire_bytes) + " bytes, without header");
    }
    connection.bare = false;
  }
  const auto found = decode_request_header(data);
  if (!found) return notice(place, time_ns, "sends what is no request: " + found.error().text());
  Pending pending;
  pending.header = found->header;
  if (found->header.client_id) {
    pending.client_id = *found->header.client_id;
    pending.header.client_id = string();  // the view is renewed when it is shown
  }
  pending.wire_bytes = wire_bytes;
  pending.time_ns = time_ns;
  pending.frame.assign(data.data(), data.size());
  if (!wants_answer(pending.header, data)) return emit(place, pending, Exchange::Answer::none, 0, {}, 0);
  if (ApiKey{pending.header.api_key} == ApiKey::sasl_handshake && pending.header.api_version == 0) {
    connection.bare = true;
  }
  if (held_bytes_ + pending.frame.size() > held_bytes_max) pending.frame.clear(), pending.frame.shrink_to_fit();
  held_bytes_ += pending.frame.size();
  connection.pending.push_back(std::move(pending));
  if (connection.pending.size() <= pending_max) return;
  held_bytes_ -= connection.pending.front().frame.size();
  emit(place, connection.pending.front(), Exchange::Answer::missing, 0, {}, 0);
  connection.pending.pop_front();
}

void ExchangeReader::response_frame(Place place, int64 time_ns, bytes data, std::size_t wire_bytes) {
  Connection& connection = place->second;
  std::optional<int32> id;
  if (data.size() >= 4) id = number_at<uint32>(string(data.data(), data.size()), 0);
  const auto found = std::ranges::find_if(
      connection.pending, [&](const Pending& pending) { return id && pending.header.correlation_id == *id; });
  if (found == connection.pending.end()) {
    if (connection.bare_tokens > 0) {
      --connection.bare_tokens;
      return;
    }
    return notice(place, time_ns, "answers a request that was not seen, of " + std::to_string(wire_bytes) + " bytes");
  }
  // Answers come in the order of the requests: those in front will get none.
  const auto skipped = found - connection.pending.begin();
  for (std::ptrdiff_t i = 0; i <= skipped; ++i) {
    const Pending pending = std::move(connection.pending.front());
    connection.pending.pop_front();
    held_bytes_ -= pending.frame.size();
    if (i < skipped) {
      emit(place, pending, Exchange::Answer::missing, 0, {}, 0);
    } else {
      emit(place, pending, Exchange::Answer::seen, time_ns, data, wire_bytes);
    }
  }
}

void ExchangeReader::emit(Place place, const Pending& pending, Exchange::Answer answer, int64 time_ns, bytes response,
                          std::size_t response_bytes) {
  Exchange exchange;
  exchange.client = place->first.from;
  exchange.broker = place->first.to;
  exchange.request_ns = pending.time_ns;
  exchange.response_ns = time_ns;
  exchange.header = pending.header;
  if (exchange.header.client_id) exchange.header.client_id = string(pending.client_id);
  exchange.answer = answer;
  exchange.request = bytes(pending.frame);
  exchange.request_bytes = pending.wire_bytes;
  exchange.response = response;
  exchange.response_bytes = response_bytes;
  sink_.on_exchange(exchange);
}

void ExchangeReader::on_gap(const Flow& flow, int64 time_ns, uint64 missing_bytes) {
  const Place place = connections_.find(to_broker(flow));
  if (place == connections_.end()) return;
  const bool request = is_request(flow);
  Frames& frames = request ? place->second.requests : place->second.responses;
  if (frames.state == Frames::State::given_up) return;
  notice(place, time_ns,
         "the capture lacks " + std::to_string(missing_bytes) + " bytes " +
             (request ? "to the broker" : "from the broker"));
  // A gap inside of what is skipped anyway does no harm.
  const auto skipped = static_cast<std::size_t>(std::min<uint64>(frames.beyond, missing_bytes));
  frames.beyond -= skipped;
  if (skipped == missing_bytes) return;
  reset(frames, Frames::State::searching);
}

void ExchangeReader::lose(Place place, bool request, int64 time_ns, const std::string& why) {
  Frames& frames = request ? place->second.requests : place->second.responses;
  notice(place, time_ns,
         std::string(request ? "the client " : "the broker ") + why + ": not Kafka's protocol, or bytes are missing");
  frames.state = Frames::State::searching;
}

void ExchangeReader::on_end(const Flow& flow, int64) {
  const Place place = connections_.find(to_broker(flow));
  if (place == connections_.end()) return;
  Connection& connection = place->second;
  (is_request(flow) ? connection.requests : connection.responses).open = false;
  if (!is_request(flow) || !connection.responses.open) drop_pending(place);
  if (connection.requests.open || connection.responses.open) return;
  held_bytes_ -= connection.requests.buffer.size() + connection.responses.buffer.size();
  connections_.erase(place);
}

void ExchangeReader::drop_pending(Place place) {
  for (const Pending& pending : place->second.pending) {
    held_bytes_ -= pending.frame.size();
    emit(place, pending, Exchange::Answer::missing, 0, {}, 0);
  }
  place->second.pending.clear();
}

}  // namespace barnabas::protocol
