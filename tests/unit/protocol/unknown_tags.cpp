// Unknown tags are kept on demand and go back to where they were.
#include "barnabas/protocol/unknown_tags.hpp"

#include <array>

#include "barnabas/protocol/messages/api_versions.hpp"
#include "barnabas/protocol/messages/heartbeat.hpp"
#include "barnabas/protocol/messages/leave_group.hpp"
#include "barnabas/protocol/random.hpp"
#include "samples.hpp"
#include "support.hpp"

namespace barnabas::protocol::test {

namespace {

struct Kept {
  void* message = nullptr;
  UnknownTags unknown;
  DecodeError error;
  bool read = false;
};

Kept keep(const MessageInfo& info, bytes body, int version, Arena& arena, DecodeMode mode = strict) {
  Kept kept;
  kept.message = new_message(info, arena);
  kept.read = decode(info, kept.message, body, version, arena, mode, kept.error, &kept.unknown);
  return kept;
}

template <class M>
void check_survives(std::string_view dump_of_body, int version) {
  const std::string body = octets(dump_of_body);
  Arena arena;
  const Kept kept = keep(message_info<M>(), bytes(body), version, arena);
  REQUIRE_MESSAGE(kept.read, kept.error.text());
  CHECK_FALSE(kept.unknown.empty());
  const auto written = encode(message_info<M>(), kept.message, version, &kept.unknown);
  REQUIRE_MESSAGE(written.has_value(), written.error().text());
  CHECK(dump(*written) == dump(body));
  const auto dropped = encode(message_info<M>(), kept.message, version);
  REQUIRE(dropped.has_value());
  CHECK(dropped->size() < body.size());
}

/// Gives every structure of a message that has none an unknown tag of a high number.
class Tagger {
 public:
  Tagger(int version, UnknownTags& unknown) : version_(version), unknown_(unknown) {}

  void structure(const StructInfo& info, const char* from) {
    unknown_.add(tags_owner(info, from), 1'000'000, bytes("tagged", 6));
    ++structures;
    for (const FieldInfo& field : info.fields) {
      if (field.in(version_) && !field.tagged()) value(field.type, from + field.at);
    }
  }

  int structures = 0;

 private:
  void value(const TypeInfo& type, const char* from) {
    if (type.nullable && from[type.value_size] == 0) return;
    if (type.kind == Kind::structure) return structure(*type.of, from);
    if (type.kind != Kind::list) return;
    list<char> items;
    std::memcpy(static_cast<void*>(&items), from, sizeof items);
    for (std::size_t i = 0; i < items.count; ++i) value(*type.element, items.data + i * type.element->size);
  }

  int version_;
  UnknownTags& unknown_;
};

}  // namespace

TEST_CASE("unknown tags come back in their places") {
  check_survives<HeartbeatResponse>("00 00 00 00 | 00 00 | 02 | 05 03 aa bb cc | ff ff ff ff 0f 00", 4);
  // Between and behind the known tags 1 and 3.
  check_survives<ApiVersionsResponse>(
      "00 00 | 01 | 00 00 00 00 | 04 | 01 08 00 00 00 00 00 00 00 07 | 03 01 01 | 07 01 ee | 08 02 ff ff", 3);
  // In elements.
  check_survives<LeaveGroupRequest>("02 67 | 03 | 02 6d 00 00 01 00 01 aa | 02 6e 00 00 00 | 01 09 00", 5);
}

TEST_CASE("unknown tags before known ones") {
  std::string body = encode(Everything{}, 3).value();
  body.pop_back();
  body += octets("03 | 00 04 00 00 00 05 | 02 01 aa | c8 01 01 01");
  Arena arena;
  const Kept kept = keep(message_info<Everything>(), bytes(body), 3, arena);
  REQUIRE_MESSAGE(kept.read, kept.error.text());
  REQUIRE(kept.unknown.of(kept.message).size() == 1);
  CHECK(kept.unknown.of(kept.message)[0].tag == 2);
  const auto written = encode(message_info<Everything>(), kept.message, 3, &kept.unknown);
  REQUIRE(written.has_value());
  // tag_big is at its default and goes; the rest stays in order.
  CHECK(dump(*written).ends_with("02 00 04 00 00 00 05 02 01 aa "));
}

TEST_CASE("unknown tags that do not ascend or repeat are put in order") {
  const std::string body = octets("00 00 00 00 | 00 00 | 03 | 09 01 aa | 05 01 bb | 09 01 cc");
  Arena arena;
  const Kept kept = keep(message_info<HeartbeatResponse>(), bytes(body), 4, arena, lenient);
  REQUIRE_MESSAGE(kept.read, kept.error.text());
  const auto written = encode(message_info<HeartbeatResponse>(), kept.message, 4, &kept.unknown);
  REQUIRE(written.has_value());
  CHECK(dump(*written) == dump(octets("00 00 00 00 | 00 00 | 02 | 05 01 bb | 09 01 cc")));
}

TEST_CASE("a tagged structure that repeats forgets the unknown tags of its first coming") {
  std::string body = encode(Everything{}, 3).value();
  body.pop_back();
  body += octets("02 | c9 01 09 00 00 00 07 01 01 05 01 aa | c9 01 06 00 00 00 08 01 00");
  Arena arena;
  const Kept kept = keep(message_info<Everything>(), bytes(body), 3, arena, lenient);
  REQUIRE_MESSAGE(kept.read, kept.error.text());
  const auto& message = *static_cast<const Everything*>(kept.message);
  CHECK(message.tag_inner->number == 8);
  CHECK(kept.unknown.of(&message.tag_inner).empty());
}

TEST_CASE("unknown tags that the version knows or cannot carry are refused") {
  UnknownTags unknown;
  ApiVersionsResponse response;
  unknown.add(&response, 1, bytes("12345678", 8));
  const auto known = encode(response, 3, &unknown);
  REQUIRE_FALSE(known.has_value());
  CHECK(known.error().text() == "finalized_features_epoch: tag 1 is among the unknown tags, but version 3 knows it");
  const auto old = encode(response, 2, &unknown);
  REQUIRE_FALSE(old.has_value());
  CHECK(old.error().what == "has unknown tags, but version 2 has no tags");
  unknown.forget(&response);
  CHECK(encode(response, 2, &unknown).has_value());
}

TEST_CASE("every structure of every message keeps unknown tags") {
  std::mt19937_64 chance(50);
  int structures = 0;
  for_each_version([&](const MessageInfo& info, int version) {
    if (!info.flexible(version)) return;
    CAPTURE(std::string(info.name));
    CAPTURE(version);
    Arena arena;
    void* const message = new_message(info, arena);
    fill_random(info, message, chance, version, arena);
    UnknownTags unknown;
    Tagger tagger(version, unknown);
    tagger.structure(*info.root, static_cast<const char*>(message));
    const auto body = encode(info, message, version, &unknown);
    REQUIRE_MESSAGE(body.has_value(), body.error().text());
    REQUIRE(measure(info, message, version, &unknown).value() == body->size());
    REQUIRE(body->size() >= static_cast<std::size_t>(tagger.structures) * 10);
    structures += tagger.structures;
    const Kept kept = keep(info, bytes(*body), version, arena);
    REQUIRE_MESSAGE(kept.read, kept.error.text());
    CHECK(equal(info, kept.message, message));
    CHECK(encode(info, kept.message, version, &kept.unknown).value() == *body);
    CHECK(encode(info, kept.message, version).value() == encode(info, message, version).value());
  });
  CHECK(structures > 1000);
}

TEST_CASE("unknown tags take no more memory than a message may") {
  // 2,000 tags of two bytes.
  std::string body = octets("00 00 00 00 | 00 00 | d0 0f");
  for (int tag = 0; tag < 2000; ++tag) {
    body += static_cast<char>(tag % 128 + (tag > 127 ? 128 : 0));
    if (tag > 127) body += static_cast<char>(tag / 128);
    body += '\0';
  }
  Arena arena;
  const Kept kept = keep(message_info<HeartbeatResponse>(), bytes(body), 4, arena);
  CHECK_FALSE(kept.read);
  CHECK(kept.error.what == "more unknown tags than a message of this size may have");
  CHECK(decode<HeartbeatResponse>(bytes(body), 4, arena).has_value());
}

}  // namespace barnabas::protocol::test
