#include "barnabas/tools/protocol_convert.hpp"

#include <charconv>
#include <unordered_map>
#include <vector>

#include "barnabas/client/option_table.hpp"
#include "barnabas/protocol/frame.hpp"
#include "barnabas/protocol/json.hpp"
#include "barnabas/protocol/messages/headers.hpp"
#include "barnabas/protocol/messages/registry.hpp"

namespace barnabas::tools {
namespace {

using namespace protocol;

std::string_view suffix_of(MessageKind kind) {
  return kind == MessageKind::request ? "Request" : kind == MessageKind::response ? "Response" : "";
}

/// "ListOffsetsRequest" -> "ListOffsets"
std::string_view api_of(const MessageInfo& info) {
  return info.name.substr(0, info.name.size() - suffix_of(info.kind).size());
}

std::string folded(std::string_view name) {
  std::string out;
  for (char c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c != '_' && c != '-') out += c;
  }
  return out;
}

std::optional<MessageKind> parse_kind(std::string_view kind) {
  if (kind == "request") return MessageKind::request;
  if (kind == "response") return MessageKind::response;
  if (kind == "data") return MessageKind::data;
  return std::nullopt;
}

std::optional<int16> parse_key(std::string_view text) {
  int16 key = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), key);
  if (error != std::errc() || end != text.data() + text.size() || key < 0) return std::nullopt;
  return key;
}

/// All messages under the names by which they may be asked for: "fetchrequest", and "fetch" with a kind.
class Names {
 public:
  Names() {
    for (const MessageInfo* info : all_messages()) {
      by_name_.emplace(folded(info->name), info);
      by_api_.emplace(folded(api_of(*info)) + '/' + std::string(suffix_of(info->kind)), info);
      spellings_.push_back(info->name);
      if (info->kind == MessageKind::request) spellings_.push_back(api_of(*info));
    }
  }

  const MessageInfo* message(std::string_view name) const { return find(by_name_, folded(name)); }
  const MessageInfo* of_api(std::string_view api, MessageKind kind) const {
    if (const auto key = parse_key(api)) return find_message(*key, kind);
    return find(by_api_, folded(api) + '/' + std::string(suffix_of(kind)));
  }
  std::string did_you_mean(std::string_view name) const {
    const auto near = client::nearest_name(name, spellings_);
    return near.empty() ? "; barnabas protocol list shows them" : "; did you mean \"" + std::string(near) + "\"?";
  }

 private:
  using Index = std::unordered_map<std::string, const MessageInfo*>;
  static const MessageInfo* find(const Index& index, const std::string& name) {
    const auto found = index.find(name);
    return found == index.end() ? nullptr : found->second;
  }

  Index by_name_, by_api_;
  std::vector<std::string_view> spellings_;
};

const MessageInfo& header_info(const MessageInfo& of) {
  return of.kind == MessageKind::request ? message_info<headers::RequestHeader>()
                                         : message_info<headers::ResponseHeader>();
}

int header_version(const MessageInfo& of, int version) {
  const auto narrow = static_cast<int16>(version);
  return of.kind == MessageKind::request ? request_header_version(of.api.key, narrow)
                                         : response_header_version(of.api.key, narrow);
}

std::string in_header(const std::string& path) {
  return path.starts_with("header") ? path : path.empty() ? "header" : "header." + path;
}

std::optional<Refusal> check(const Subject& subject) {
  const MessageInfo& info = *subject.info;
  if (subject.header && info.kind == MessageKind::data) return Refusal{"data has no header", {}, {}};
  if (info.api.versions.has(subject.version)) return std::nullopt;
  return Refusal{"version " + std::to_string(subject.version) + " of " + std::string(info.name) +
                     " is not known here, only " + std::to_string(info.api.versions.lo) + " to " +
                     std::to_string(info.api.versions.hi),
                 {},
                 {}};
}

}  // namespace

std::string Refusal::text() const {
  std::string out = path.empty() ? what : path + ": " + what;
  if (offset) out += " (at byte " + std::to_string(*offset) + ")";
  return out;
}

std::expected<const MessageInfo*, std::string> find_message_named(std::string_view api, std::string_view kind) {
  static const Names names;
  const auto wanted = parse_kind(kind);
  if (!kind.empty() && !wanted) return std::unexpected("the kind is request, response or data");
  if (const MessageInfo* const info = names.message(api)) {
    if (!wanted || info->kind == *wanted) return info;
    return std::unexpected(std::string(info->name) + " is no " + std::string(kind));
  }
  if (wanted) {
    if (const MessageInfo* const info = names.of_api(api, *wanted)) return info;
  } else if (names.of_api(api, MessageKind::request) != nullptr) {
    return std::unexpected("say with the kind whether the request or the response is meant");
  }
  return std::unexpected("no API or message is called \"" + std::string(api) + "\"" + names.did_you_mean(api));
}

std::optional<Subject> subject_of_request(bytes frame) {
  const auto header = decode_request_header(frame);
  if (!header) return std::nullopt;
  const MessageInfo* const info = find_message(header->header.api_key, MessageKind::request);
  if (info == nullptr) return std::nullopt;
  return Subject{info, header->header.api_version, true};
}

/// The header as a message; nullptr, with refusal_ filled, when there is none, or that of another message.
void* Converter::decode_header(const Subject& subject, bytes data, std::size_t& body_at) {
  const MessageInfo& info = *subject.info;
  const int version = header_version(info, subject.version);
  const auto refuse = [&](DecodeError error) -> void* {
    refusal_ = {std::move(error.what), in_header(error.path), error.offset};
    return nullptr;
  };
  if (info.kind == MessageKind::request) {
    auto header = decode_request_header(data);
    if (!header) return refuse(std::move(header.error()));
    const RequestHeader& found = header->header;
    if (found.api_key != info.api.key || found.api_version != subject.version) {
      return refuse({{}, 0, "is that of " + api_name(found.api_key) + " version " + std::to_string(found.api_version)});
    }
    body_at = header->body_at;
  } else {
    auto header = decode_response_header(data, version);
    if (!header) return refuse(std::move(header.error()));
    body_at = header->body_at;
  }
  void* const message = new_message(header_info(info), arena_);
  DecodeError error;
  const bytes part = data.first(body_at);
  if (!protocol::decode(header_info(info), message, part, version, arena_, mode_, error, &unknown_)) {
    return refuse(std::move(error));
  }
  return message;
}

std::optional<Refusal> Converter::decode_rest(const Subject& subject, bytes data, std::size_t body_at,
                                              std::string& out) {
  const MessageInfo& info = *subject.info;
  void* const message = new_message(info, arena_);
  DecodeError error;
  if (!protocol::decode(info, message, data.subspan(body_at), subject.version, arena_, mode_, error, &unknown_)) {
    return Refusal{std::move(error.what), std::move(error.path), error.offset + body_at};
  }
  append_json(out, info, message, subject.version, &unknown_, secrets_);
  return std::nullopt;
}

std::optional<Refusal> Converter::decode_body(const Subject& subject, bytes data, std::string& out) {
  if (auto wrong = check(subject)) return wrong;
  arena_.clear();
  unknown_.clear();
  return decode_rest(subject, data, 0, out);
}

std::optional<Refusal> Converter::decode(const Subject& subject, bytes data, std::string& out) {
  if (auto wrong = check(subject)) return wrong;
  const MessageInfo& info = *subject.info;
  arena_.clear();
  unknown_.clear();
  std::size_t body_at = 0;
  out += '{';
  if (subject.header) {
    const void* const header = decode_header(subject, data, body_at);
    if (header == nullptr) return refusal_;
    out += "\"header\":";
    append_json(out, header_info(info), header, header_version(info, subject.version), &unknown_);
    out += ',';
  }
  out += "\"json\":";
  auto wrong = decode_rest(subject, data, body_at, out);
  out += '}';
  return wrong;
}

std::optional<Refusal> Converter::encode(const Subject& subject, std::string_view json, std::string_view header,
                                         std::string& out) {
  if (auto wrong = check(subject)) return wrong;
  arena_.clear();
  unknown_.clear();
  // `message` holds its defaults, or what the header has to say.
  const auto append = [&](const MessageInfo& info, void* message, int version,
                          std::string_view text) -> std::optional<Refusal> {
    if (auto read = from_json(info, message, text, version, arena_, &unknown_); !read) {
      return Refusal{std::move(read.error().what), std::move(read.error().path), read.error().offset};
    }
    auto size = measure(info, message, version, &unknown_);
    if (!size) return Refusal{std::move(size.error().what), std::move(size.error().path), {}};
    const std::size_t begin = out.size();
    out.resize(begin + *size);
    write(info, message, version, out.data() + begin, &unknown_);
    return std::nullopt;
  };
  const MessageInfo& info = *subject.info;
  const std::size_t begin = out.size();
  if (subject.header) {
    void* const message = new_message(header_info(info), arena_);
    auto* const request = static_cast<headers::RequestHeader*>(message);
    const auto version = static_cast<int16>(subject.version);
    const bool is_request = info.kind == MessageKind::request;
    if (is_request) request->request_api_key = info.api.key, request->request_api_version = version;
    auto wrong = append(header_info(info), message, header_version(info, version), header);
    if (!wrong && is_request && (request->request_api_key != info.api.key || request->request_api_version != version)) {
      wrong = Refusal{"names another API or version than the message has", {}, {}};
    }
    if (wrong) {
      wrong->path = in_header(wrong->path);
      out.resize(begin);
      return wrong;
    }
  }
  auto wrong = append(info, new_message(info, arena_), subject.version, json);
  if (wrong) out.resize(begin);
  return wrong;
}

}  // namespace barnabas::tools
