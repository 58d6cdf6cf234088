#include "barnabas/protocol/field.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "barnabas/protocol/errors.hpp"
#include "barnabas/protocol/messages/fetch.hpp"
#include "barnabas/protocol/messages/metadata.hpp"

namespace barnabas::protocol {

TEST_CASE("version ranges") {
  CHECK(Versions::parse("3").has(3));
  CHECK_FALSE(Versions::parse("3").has(4));
  CHECK_FALSE(Versions::parse("3").has(2));
  CHECK(Versions::parse("3+").has(126));
  CHECK_FALSE(Versions::parse("3+").has(2));
  CHECK(Versions::parse("3-12").has(12));
  CHECK_FALSE(Versions::parse("3-12").has(13));
  CHECK(Versions::parse("none").empty());
}

TEST_CASE("mistyped version ranges are refused") {
  for (const char* text :
       {"", " ", "a", "+", "-3", "3-", "3-3", "4-3", "3 +", "3++", "3-4-5", " 3", "3 ", "127", "3.1", "none+"}) {
    CAPTURE(text);
    CHECK_THROWS(Versions::parse(text));
  }
}

TEST_CASE("what a field's version string says") {
  const FieldSpec spec = FieldSpec::parse("2-9 tag 14 null 3-7 ignorable");
  CHECK(spec.in == Versions("2-9"));
  CHECK(spec.tag == 14);
  CHECK(spec.null == Versions("3-7"));
  CHECK(spec.null_given);
  CHECK(spec.ignorable);
  const FieldSpec plain = FieldSpec::parse("0+");
  CHECK(plain.tag == -1);
  CHECK_FALSE(plain.ignorable);
  CHECK_FALSE(plain.null_given);
  CHECK_FALSE(plain.inflexible);
  CHECK(FieldSpec::parse("1+ inflexible").inflexible);
  CHECK(FieldSpec::parse("1+ ignorable inflexible").inflexible);
}

TEST_CASE("mistyped version strings of fields are refused") {
  for (const char* text : {"", "none", "3+ignorable", "3+ ignorable ", "3+ ignorable tag 1", "3+ tag", "3+ tag x",
                           "3+ tags 1", "3+ null", "3+ null 2+", "3-5 null 3-6", "3-5 null 3+", "3+ null 4+ tag 1",
                           "3+ ignored", "3+ inflexible ignorable", "3+  tag 1", "3+ tag 32768", "3+ nullable"}) {
    CAPTURE(text);
    CHECK_THROWS(FieldSpec::parse(text));
  }
}

TEST_CASE("a field reads and is set like its value") {
  FetchRequest request;
  CHECK(request.max_bytes == 2147483647);
  CHECK(request.session_epoch == -1);
  request.max_wait_ms = 500;
  const int32 wait = request.max_wait_ms;
  CHECK(wait == 500);
  CHECK(request.max_wait_ms + 1 == 501);
  *request.max_wait_ms += 2;
  CHECK(request.max_wait_ms == 502);

  request.rack_id = "rack";
  CHECK(request.rack_id == "rack");
  CHECK(request.rack_id->size() == 4);

  CHECK_FALSE(request.cluster_id);
  request.cluster_id = "c";
  CHECK(request.cluster_id);
  CHECK(**request.cluster_id == "c");
  request.cluster_id = std::nullopt;
  CHECK(request.cluster_id == std::nullopt);

  FetchResponse response;
  response.error_code = ErrorCode::fetch_session_id_not_found;
  CHECK(response.error_code == 70);
  CHECK(response.error_code == ErrorCode::fetch_session_id_not_found);
  CHECK(ErrorCode(response.error_code) == ErrorCode::fetch_session_id_not_found);
}

TEST_CASE("lists view what the caller owns") {
  std::vector<FetchRequest::Topic> topics(2);
  topics[1].topic = "b";
  FetchRequest request;
  request.topics = topics;
  CHECK(request.topics.size() == 2);
  CHECK(request.topics[1].topic == "b");
  int count = 0;
  for (const FetchRequest::Topic& topic : request.topics) count += topic.partitions.empty() ? 1 : 0;
  CHECK(count == 2);

  MetadataRequest all;
  CHECK(all.topics);
  all.topics = std::nullopt;
  CHECK_FALSE(all.topics);
}

TEST_CASE("quantities compute like integers") {
  FetchRequest::Partition partition;
  partition.fetch_offset = 41;
  const int64 next = partition.fetch_offset + 1;
  CHECK(next == 42);
  CHECK(partition.fetch_offset < next);
  *partition.fetch_offset += 2;
  CHECK(partition.fetch_offset == 43);
  FetchResponse::Partition answer;
  answer.high_watermark = partition.fetch_offset;
  CHECK(answer.high_watermark == 43);
  Offset offset = partition.fetch_offset;
  CHECK(++offset == 44);
  offset -= 4;
  CHECK(offset == 40);
  CHECK(partition.current_leader_epoch == -1);
}

// Nothing becomes a quantity of another meaning, nor a flag a quantity.
static_assert(!std::is_convertible_v<Offset, LeaderEpoch> && !std::is_convertible_v<Millis, Offset>);
static_assert(!std::is_constructible_v<Offset, TimestampMs> && !std::is_constructible_v<Offset, bool>);
static_assert(!std::is_assignable_v<decltype(FetchRequest::max_wait_ms)&, Offset>);
static_assert(std::is_convertible_v<int32, Offset> && std::is_convertible_v<Offset, int64>);
static_assert(std::is_convertible_v<decltype(FetchRequest::max_wait_ms), int32>);
static_assert(std::is_trivially_copyable_v<Offset> && sizeof(Offset) == 8 && sizeof(Millis) == 4);

// A std::string that dies at the end of the statement must not end up in a view.
static_assert(!std::is_assignable_v<decltype(FetchRequest::rack_id)&, std::string>);
static_assert(!std::is_assignable_v<decltype(FetchRequest::cluster_id)&, std::string>);
static_assert(std::is_assignable_v<decltype(FetchRequest::rack_id)&, std::string&>);
static_assert(std::is_assignable_v<decltype(FetchRequest::cluster_id)&, std::string&>);
static_assert(std::is_trivially_copyable_v<FetchResponse> && std::is_trivially_copyable_v<MetadataResponse>);

}  // namespace barnabas::protocol
