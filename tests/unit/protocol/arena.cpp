#include "barnabas/protocol/arena.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>

namespace barnabas::protocol {

TEST_CASE("an arena aligns what it hands out and keeps it apart") {
  Arena arena;
  std::vector<std::span<unsigned char>> pieces;
  for (std::size_t size = 1; size < 300; ++size) {
    const std::size_t align = std::size_t{1} << (size % 5);
    auto* const at = static_cast<unsigned char*>(arena.allocate(size, align));
    CHECK(reinterpret_cast<std::uintptr_t>(at) % align == 0);
    std::fill_n(at, size, static_cast<unsigned char>(size));
    pieces.emplace_back(at, size);
  }
  for (const std::span<unsigned char> piece : pieces) {
    for (unsigned char octet : piece) REQUIRE(octet == static_cast<unsigned char>(piece.size()));
  }
}

TEST_CASE("an arena holds little more than was asked for") {
  Arena arena;
  CHECK(arena.bytes() == 0);
  std::size_t asked = 0;
  for (int i = 0; i < 10000; ++i) {
    arena.allocate(48, 8);
    asked += 48;
    REQUIRE(arena.bytes() >= asked);
    REQUIRE(arena.bytes() <= 2 * asked + 1024);
  }
}

TEST_CASE("a big request does not waste the block in use") {
  Arena arena;
  auto* const first = static_cast<char*>(arena.allocate(16, 8));
  arena.allocate(1 << 20, 8);
  auto* const second = static_cast<char*>(arena.allocate(16, 8));
  CHECK(second == first + 16);
}

TEST_CASE("a cleared arena keeps one block and uses it again") {
  Arena arena;
  for (int i = 0; i < 1000; ++i) arena.allocate(100, 8);
  arena.allocate(1 << 20, 8);
  arena.clear();
  const std::size_t kept = arena.bytes();
  CHECK(kept > 0);
  CHECK(kept <= 64 * 1024);
  arena.allocate(kept / 2, 8);
  CHECK(arena.bytes() == kept);
}

TEST_CASE("a moved arena takes its memory along") {
  Arena arena;
  const string text = arena.copy(string("borrowed"));
  Arena other = std::move(arena);
  CHECK(text == "borrowed");
  CHECK(other.bytes() > 0);
  CHECK(arena.bytes() == 0);
  CHECK(arena.copy(string("again")) == "again");
}

TEST_CASE("elements of a new list have their defaults") {
  struct Pair {
    int32 first = 5;
    int64 second = -1;
  };
  Arena arena;
  const list<Pair> pairs = arena.make_list<Pair>(3);
  REQUIRE(pairs.size() == 3);
  for (const Pair& pair : pairs) {
    CHECK(pair.first == 5);
    CHECK(pair.second == -1);
  }
  CHECK(arena.make_list<Pair>(0).empty());
  CHECK(arena.copy(bytes()).empty());
}

}  // namespace barnabas::protocol
