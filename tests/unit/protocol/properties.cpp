// What holds for every version of every message.
#include <simdjson.h>

#include "barnabas/protocol/json.hpp"
#include "barnabas/protocol/random.hpp"
#include "described_messages.hpp"
#include "samples.hpp"
#include "support.hpp"

namespace barnabas::protocol::test {

namespace {

struct Sent {
  const void* message;
  std::string body;
};

Sent random_body(const MessageInfo& info, int version, std::mt19937_64& chance, Arena& arena) {
  void* const message = new_message(info, arena);
  fill_random(info, message, chance, version, arena);
  auto body = encode(info, message, version);
  REQUIRE_MESSAGE(body.has_value(), std::string(info.name) << " " << version << ": " << body.error().text());
  return {message, std::move(*body)};
}

bool reads(const MessageInfo& info, int version, bytes body, DecodeMode mode, Arena& arena, DecodeError& error) {
  return decode(info, new_message(info, arena), body, version, arena, mode, error);
}

void for_each_version_with_samples(auto check) {
  for_each_version(check);
  for (int version = 0; version <= 3; ++version) check(message_info<Everything>(), version);
}

}  // namespace

TEST_CASE("random messages survive the wire") {
  std::mt19937_64 chance(42);
  for_each_version_with_samples([&](const MessageInfo& info, int version) {
    CAPTURE(std::string(info.name));
    CAPTURE(version);
    for (int round = 0; round < 40; ++round) {
      Arena arena;
      const Sent sent = random_body(info, version, chance, arena);
      REQUIRE(measure(info, sent.message, version).value() == sent.body.size());
      const Exact body(sent.body);
      DecodeError error;
      void* const back = new_message(info, arena);
      REQUIRE_MESSAGE(decode(info, back, body.view(), version, arena, strict, error), error.text());
      REQUIRE(equal(info, back, sent.message));
      REQUIRE(lost_at(info, sent.message, version).empty());
      // The bytes of what was read are the bytes it was read from.
      REQUIRE(encode(info, back, version).value() == sent.body);
    }
  });
}

TEST_CASE("messages that differ are not equal") {
  std::mt19937_64 chance(7);
  for_each_version([&](const MessageInfo& info, int version) {
    Arena arena;
    for (int round = 0; round < 10; ++round) {
      const Sent a = random_body(info, version, chance, arena), b = random_body(info, version, chance, arena);
      CAPTURE(std::string(info.name));
      CHECK(equal(info, a.message, b.message) == (a.body == b.body));
    }
  });
}

TEST_CASE("a body cut short anywhere is refused") {
  std::mt19937_64 chance(43);
  for_each_version_with_samples([&](const MessageInfo& info, int version) {
    Arena arena;
    std::string sent;
    for (int i = 0; i < 20 && sent.size() < 60; ++i) sent = random_body(info, version, chance, arena).body;
    for (std::size_t size = 0; size < sent.size(); ++size) {
      const Exact cut(std::string_view(sent).substr(0, size));
      for (DecodeMode mode : {strict, lenient}) {
        Arena scratch;
        DecodeError error;
        REQUIRE_FALSE_MESSAGE(reads(info, version, cut.view(), mode, scratch, error),
                              std::string(info.name) << " " << version << " cut at " << size);
        REQUIRE_FALSE(error.what.empty());
        REQUIRE(error.offset <= size);
      }
    }
  });
}

TEST_CASE("bytes after the body are refused, or ignored on request") {
  std::mt19937_64 chance(44);
  for_each_version([&](const MessageInfo& info, int version) {
    Arena arena;
    const Exact body(random_body(info, version, chance, arena).body + '\0');
    DecodeError error;
    CHECK_FALSE(reads(info, version, body.view(), strict, arena, error));
    CHECK(error.text().find("1 bytes follow the end of the message") != std::string::npos);
    CHECK(reads(info, version, body.view(), lenient, arena, error));
  });
}

TEST_CASE("lengths and counts of any value neither crash nor take memory") {
  // -1, 0 and the biggest, as each kind of length writes them, laid over every place of a body.
  const std::string values[] = {octets("ff"),
                                octets("00"),
                                octets("7f"),
                                octets("80"),
                                octets("ff ff"),
                                octets("00 00"),
                                octets("7f ff"),
                                octets("ff ff ff ff"),
                                octets("00 00 00 00"),
                                octets("7f ff ff ff"),
                                octets("00 ff ff ff"),
                                octets("ff ff ff ff 0f"),
                                octets("ff ff ff ff 07"),
                                octets("ff ff ff ff ff 01"),
                                octets("80 80 80 80 10")};
  std::mt19937_64 chance(45);
  for_each_version_with_samples([&](const MessageInfo& info, int version) {
    Arena arena;
    std::string sent;
    for (int i = 0; i < 20 && sent.size() < 60; ++i) sent = random_body(info, version, chance, arena).body;
    if (sent.size() > 300) sent.resize(300);
    for (std::size_t at = 0; at < sent.size(); ++at) {
      for (const std::string& value : values) {
        std::string changed = sent;
        changed.replace(at, std::min(value.size(), sent.size() - at), value);
        const Exact body(changed);
        Arena scratch;
        void* const message = new_message(info, scratch);
        const std::size_t root_bytes = scratch.bytes();
        DecodeError error;
        decode(info, message, body.view(), version, scratch, (at & 1) == 0 ? strict : lenient, error);
        REQUIRE_MESSAGE(scratch.bytes() <= root_bytes + decode_bytes_max(body.view().size()),
                        std::string(info.name) << " " << version << " at " << at << ": " << scratch.bytes());
      }
    }
  });
}

TEST_CASE("random bytes neither crash nor take memory") {
  std::mt19937_64 chance(46);
  for_each_version_with_samples([&](const MessageInfo& info, int version) {
    for (int round = 0; round < 60; ++round) {
      std::string noise(chance() % 200, '\0');
      // Small numbers make for lengths that fit, and so go deeper.
      for (char& c : noise) c = static_cast<char>(chance() % ((round & 1) == 0 ? 256 : 6));
      const Exact body(noise);
      Arena scratch;
      void* const message = new_message(info, scratch);
      const std::size_t root_bytes = scratch.bytes();
      DecodeError error;
      decode(info, message, body.view(), version, scratch, lenient, error);
      REQUIRE(scratch.bytes() <= root_bytes + decode_bytes_max(noise.size()));
    }
  });
}

TEST_CASE("versions that the API lacks are refused both ways") {
  for (const MessageInfo* info : all_messages()) {
    for (int version : {-1, info->api.versions.lo - 1, info->api.versions.hi + 1, 32767, -32768}) {
      Arena arena;
      DecodeError error;
      CHECK_FALSE(reads(*info, version, {}, strict, arena, error));
      CHECK(error.what.find("version " + std::to_string(version)) != std::string::npos);
      const auto body = encode(*info, info->root->defaults, version);
      REQUIRE_FALSE(body.has_value());
      CHECK(body.error().what.find("version " + std::to_string(version)) != std::string::npos);
    }
  }
}

TEST_CASE("JSON of every message is JSON, with the fields of its version in order") {
  std::mt19937_64 chance(47);
  simdjson::dom::parser parser;
  for_each_version_with_samples([&](const MessageInfo& info, int version) {
    Arena arena;
    for (int round = 0; round < 10; ++round) {
      const Sent sent = random_body(info, version, chance, arena);
      const std::string json = to_json(info, sent.message, version);
      CAPTURE(json);
      REQUIRE(json.find('\n') == std::string::npos);
      simdjson::dom::object object;
      REQUIRE(parser.parse(json).get(object) == simdjson::SUCCESS);
      auto member = object.begin();
      for (const FieldInfo& field : info.root->fields) {
        if (!field.in(version)) continue;
        REQUIRE(member != object.end());
        CHECK(member.key() == field.name);
        ++member;
      }
      CHECK_FALSE(member != object.end());
    }
  });
}

TEST_CASE("the registry finds every message, by key and by name") {
  CHECK(all_messages().size() == 198);
  int16 previous = -1;
  for (const MessageInfo* info : all_messages()) {
    CHECK(find_message(info->name) == info);
    if (info->kind == MessageKind::data) continue;
    CHECK(find_message(info->api.key, info->kind) == info);
    CHECK(info->api.key >= previous);
    previous = info->api.key;
  }
  CHECK(find_message("NoSuchRequest") == nullptr);
  CHECK(find_message(-1, MessageKind::request) == nullptr);
  CHECK(find_message(93, MessageKind::request) == nullptr);
}

TEST_CASE("every message still looks as it was checked against Kafka") {
  std::string_view expected = described_messages.substr(1);
  for (const MessageInfo* info : all_messages()) {
    const std::string described = describe(*info);
    CAPTURE(std::string(info->name));
    CHECK(expected.substr(0, described.size()) == described);
    // The next message begins where no indent is.
    std::size_t end = expected.find('\n');
    while (end != std::string_view::npos && end + 1 < expected.size() && expected[end + 1] == ' ')
      end = expected.find('\n', end + 1);
    REQUIRE(end != std::string_view::npos);
    expected.remove_prefix(end + 1);
  }
  CHECK(expected.empty());
}

}  // namespace barnabas::protocol::test
