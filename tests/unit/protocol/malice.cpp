// Bodies that mean harm, for every version of every message. Cut and overwritten bodies are in properties.cpp.
#include <algorithm>
#include <limits>

#include "barnabas/protocol/memory.hpp"
#include "barnabas/protocol/messages/create_topics.hpp"
#include "barnabas/protocol/messages/fetch.hpp"
#include "barnabas/protocol/random.hpp"
#include "samples.hpp"
#include "support.hpp"

namespace barnabas::protocol::test {

namespace {

using detail::put;
using detail::RawList;

struct Outcome {
  bool read = false;
  std::size_t arena_bytes = 0;
  DecodeError error;
};

Outcome decode_anew(const MessageInfo& info, std::string_view body, int version, DecodeMode mode) {
  const Exact exact(body);
  Arena arena;
  Arena root;
  Outcome outcome;
  outcome.read = decode(info, new_message(info, root), exact.view(), version, arena, mode, outcome.error);
  outcome.arena_bytes = arena.bytes();
  return outcome;
}

/// Fills lists with elements that are as small as they can be on the wire.
class Stuffer {
 public:
  Stuffer(int version, uint32 count, Arena& arena) : version_(version), count_(count), arena_(arena) {}

  void structure(const StructInfo& info, char* to) {
    for (const FieldInfo& field : info.fields) {
      if (field.in(version_) && !field.tagged()) value(field.type, field.nullable_in(version_), to + field.at);
    }
  }

 private:
  void value(const TypeInfo& type, bool null_allowed, char* to) {
    if (type.kind == Kind::list) {
      if (type.nullable) to[type.value_size] = 1;
      return list(*type.element, to);
    }
    if (type.kind == Kind::structure) {
      if (type.nullable) to[type.value_size] = null_allowed ? 0 : 1;
      if (!type.nullable || !null_allowed) structure(*type.of, to);
      return;
    }
    std::memset(to, 0, type.size);
    if (type.nullable) to[type.value_size] = 1;
  }

  void list(const TypeInfo& element, char* to) {
    RawList items;
    // The last element alone goes deeper: what lies before it has claimed its memory by then.
    items.count = depth_ < 3 ? count_ : 0;
    items.data = static_cast<char*>(arena_.allocate(std::size_t{items.count} * element.size + 1, 8));
    ++depth_;
    for (uint32 i = 0; i < items.count; ++i) {
      char* const item = items.data + std::size_t{i} * element.size;
      std::memset(item, 0, element.size);
      if (element.kind == Kind::structure) std::memcpy(item, element.of->defaults, element.of->size);
      const int depth = std::exchange(depth_, i + 1 == items.count ? depth_ : 3);
      value(element, element.nullable, item);
      depth_ = depth;
    }
    --depth_;
    put(to, items);
  }

  int version_;
  uint32 count_;
  Arena& arena_;
  int depth_ = 0;
};

std::string random_body(const MessageInfo& info, int version, std::mt19937_64& chance) {
  Arena arena;
  void* const message = new_message(info, arena);
  fill_random(info, message, chance, version, arena);
  auto body = encode(info, message, version);
  REQUIRE_MESSAGE(body.has_value(), body.error().text());
  return std::move(*body);
}

/// The body of a message whose last byte is the count of its root's tags, which is zero.
std::string without_root_tags(const MessageInfo& info, int version) {
  Arena arena;
  void* const message = new_message(info, arena);
  Stuffer(version, 0, arena).structure(*info.root, static_cast<char*>(message));
  auto body = encode(info, message, version);
  REQUIRE_MESSAGE(body.has_value(), body.error().text());
  REQUIRE(body->back() == '\0');
  body->pop_back();
  return std::move(*body);
}

/// A tag that no version of the structure has.
uint32 free_tag(const StructInfo& info) {
  uint32 tag = 100;
  for (const FieldInfo& field : info.fields) {
    if (field.tagged()) tag = std::max(tag, static_cast<uint32>(field.spec.tag) + 1);
  }
  return tag;
}

void for_each_flexible_version(auto check) {
  for_each_version([&](const MessageInfo& info, int version) {
    if (info.flexible(version)) check(info, version);
  });
}

}  // namespace

TEST_CASE("lists of the smallest elements take eight bytes for one at most, or are refused") {
  int read = 0, refused = 0;
  for_each_version([&](const MessageInfo& info, int version) {
    for (const uint32 count : {20U, 400U}) {
      Arena arena;
      void* const message = new_message(info, arena);
      Stuffer(version, count, arena).structure(*info.root, static_cast<char*>(message));
      const auto body = encode(info, message, version);
      CAPTURE(std::string(info.name));
      CAPTURE(version);
      REQUIRE_MESSAGE(body.has_value(), body.error().text());
      const Outcome outcome = decode_anew(info, *body, version, strict);
      CHECK(outcome.arena_bytes <= decode_bytes_max(body->size()));
      ++(outcome.read ? read : refused);
      if (!outcome.read) CHECK(outcome.error.what.ends_with("take more memory than a message of this size may"));
    }
  });
  CHECK(read > 500);
  CHECK(refused > 50);
}

TEST_CASE("what brokers send stays within the memory that a body may take") {
  // The element with the most memory for its bytes, under names of nine letters; and many empty partitions.
  Arena arena;
  CreateTopicsResponse created;
  created.topics = arena.make_list<CreateTopicsResponse::Topic>(5000);
  int number = 100'000'000;
  for (CreateTopicsResponse::Topic& topic : *created.topics) topic.name = arena.copy(string(std::to_string(++number)));
  FetchResponse fetched;
  fetched.responses = arena.make_list<FetchResponse::Topic>(1);
  fetched.responses[0].topic = "t";
  fetched.responses[0].partitions = arena.make_list<FetchResponse::Partition>(5000);
  for (FetchResponse::Partition& partition : *fetched.responses[0].partitions) partition.records = std::nullopt;
  const auto check = [](const auto& message) {
    using M = std::remove_cvref_t<decltype(message)>;
    const std::string body = encode(message, 0).value();
    Arena fresh;
    const auto read = decode<M>(body, 0, fresh);
    REQUIRE_MESSAGE(read.has_value(), read.error().text());
    CHECK(equal(*read, message));
    CHECK(fresh.bytes() > 6 * body.size());
  };
  check(created);
  check(fetched);
}

TEST_CASE("counts far beyond the bytes left take no memory") {
  std::mt19937_64 chance(51);
  for_each_version([&](const MessageInfo& info, int version) {
    const std::string count = info.flexible(version) ? octets("ff ff ff ff 07") : octets("7f ff ff ff");
    const std::string body = random_body(info, version, chance).substr(0, 200);
    for (std::size_t at = 0; at <= body.size(); at += 1 + at / 16) {
      const std::string changed = body.substr(0, at) + count;
      const Outcome outcome = decode_anew(info, changed, version, lenient);
      REQUIRE(outcome.arena_bytes <= decode_bytes_max(changed.size()));
    }
  });
}

TEST_CASE("variable-length numbers of eleven bytes are refused wherever they stand") {
  const std::string eleven = octets("80 80 80 80 80 80 80 80 80 80 00");
  for_each_flexible_version([&](const MessageInfo& info, int version) {
    CAPTURE(std::string(info.name));
    const std::string body = without_root_tags(info, version);
    for (const std::string& tail : {eleven, "\1" + eleven, octets("01 64") + eleven}) {
      const Outcome outcome = decode_anew(info, body + tail, version, lenient);
      REQUIRE_FALSE(outcome.read);
      CHECK(outcome.error.what == "a variable-length number of more than 32 bits");
      CHECK(outcome.error.offset <= body.size() + tail.size());
    }
  });
}

TEST_CASE("tags out of order, twice, and longer than the body") {
  for_each_flexible_version([&](const MessageInfo& info, int version) {
    CAPTURE(std::string(info.name));
    CAPTURE(version);
    const std::string body = without_root_tags(info, version);
    const uint32 tag = free_tag(*info.root);
    REQUIRE(tag < 127);
    const auto tagged = [](uint32 number) { return std::string(1, static_cast<char>(number)) + octets("01 aa"); };
    const std::string ascending = body + '\2' + tagged(tag) + tagged(tag + 1);
    CHECK(decode_anew(info, ascending, version, strict).read);
    for (const std::string& wrong :
         {body + '\2' + tagged(tag + 1) + tagged(tag), body + '\2' + tagged(tag) + tagged(tag)}) {
      CHECK_FALSE(decode_anew(info, wrong, version, strict).read);
      CHECK(decode_anew(info, wrong, version, lenient).read);
    }
    CHECK_FALSE(decode_anew(info, body + '\1' + static_cast<char>(tag) + octets("02 aa"), version, lenient).read);
    CHECK_FALSE(decode_anew(info, body + octets("ff ff ff ff 0f"), version, lenient).read);
  });
}

TEST_CASE("strings that are not UTF-8 are kept byte for byte") {
  std::mt19937_64 chance(52);
  int changed_strings = 0;
  for_each_version([&](const MessageInfo& info, int version) {
    CAPTURE(std::string(info.name));
    std::string body = random_body(info, version, chance);
    Arena arena;
    void* const message = new_message(info, arena);
    DecodeError error;
    REQUIRE(decode(info, message, bytes(body), version, arena, strict, error));
    // Strings of the message are views into the body: what is changed there, changes there.
    for (const FieldInfo& field : info.root->fields) {
      if (field.type.kind != Kind::string || field.tagged() || !field.in(version)) continue;
      const auto text = detail::get<string>(static_cast<const char*>(message) + field.at);
      if (text.empty()) continue;
      std::fill_n(body.begin() + (text.data() - body.data()), text.size(), '\xff');
      ++changed_strings;
    }
    Arena second;
    void* const again = new_message(info, second);
    REQUIRE(decode(info, again, bytes(body), version, second, strict, error));
    CHECK(encode(info, again, version).value() == body);
  });
  CHECK(changed_strings > 100);
}

TEST_CASE("lists within lists within lists end at sixteen, whatever the lengths say") {
  for (const char* pattern : {"00 00 00 01", "00 00 00 02", "00 00 00 10"}) {
    std::string body;
    for (int i = 0; i < 4000; ++i) body += octets(pattern);
    const Outcome outcome = decode_anew(message_info<Node>(), body, 0, lenient);
    CHECK_FALSE(outcome.read);
    CHECK(outcome.arena_bytes <= decode_bytes_max(body.size()));
  }
  const Outcome flexible = decode_anew(message_info<Node>(), std::string(5000, '\2'), 1, lenient);
  CHECK_FALSE(flexible.read);
  CHECK(flexible.error.what == "nested more than 16 deep");
}

}  // namespace barnabas::protocol::test
