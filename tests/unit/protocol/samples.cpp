#include "samples.hpp"

#include <doctest/doctest.h>

#include "barnabas/protocol/reflect.hpp"

namespace barnabas::protocol {

namespace test {

struct HasPlainMember {
  Field<int32> number;
  int other;
};
struct HasPlainMemberFirst {
  int other;
  Field<int32> number;
};

static_assert(detail::has_only_fields<Everything>());
static_assert(!detail::has_only_fields<HasPlainMember>());
static_assert(!detail::has_only_fields<HasPlainMemberFirst>());
static_assert(detail::count_fields<Widest>() == 24);
static_assert(detail::fields_of<Widest>[23].name == "f24" && detail::fields_of<Widest>[0].name == "f01");

}  // namespace test

template const MessageInfo& message_info<test::Everything>();
template const MessageInfo& message_info<test::Node>();
template const MessageInfo& message_info<test::Widest>();

namespace test {

TEST_CASE("tags that do not ascend are refused") {
  FieldInfo first = detail::field_info<Field<int32, "0+ tag 4">>("first", 0);
  FieldInfo second = detail::field_info<Field<int32, "0+ tag 3">>("second", 4);
  const std::array wrong{first, second};
  CHECK_THROWS(detail::check_tags(wrong));
  const std::array right{second, first};
  CHECK_NOTHROW(detail::check_tags(right));
  const std::array twice{first, first};
  CHECK_THROWS(detail::check_tags(twice));
}

TEST_CASE("a tagged field needs a flexible version") {
  const StructInfo& root = *message_info<Everything>().root;
  CHECK_NOTHROW(detail::check_tagged_are_flexible(root, "2+", 0));
  CHECK_THROWS(detail::check_tagged_are_flexible(root, "3+", 0));
  CHECK_THROWS(detail::check_tagged_are_flexible(root, "none", 0));
}

TEST_CASE("offsets and names that reflection found are those of the compiler") {
  const Everything sample;
  const StructInfo& info = *message_info<Everything>().root;
  const auto offset = [&](const void* member) {
    return static_cast<const char*>(member) - reinterpret_cast<const char*>(&sample);
  };
  REQUIRE(info.fields.size() == 24);
  CHECK(info.size == sizeof sample);
  CHECK(info.fields[1].name == "i8");
  CHECK(info.fields[1].at == offset(&sample.i8));
  CHECK(info.fields[9].name == "maybe_text");
  CHECK(info.fields[9].at == offset(&sample.maybe_text));
  CHECK(info.fields[12].name == "inner");
  CHECK(info.fields[12].at == offset(&sample.inner));
  CHECK(info.fields[12].type.of->name == "Inner");
  CHECK(info.fields[17].type.secret);
  CHECK(info.fields[22].name == "tag_big");
  CHECK(info.fields[22].at == offset(&sample.tag_big));
}

}  // namespace test

}  // namespace barnabas::protocol
