// The pool that responses are received into: classes, reuse, idle memory, what counts as used.
#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "barnabas/client/fetch/block.hpp"

using namespace barnabas;
using client::BlockPool;
using client::BlockRef;
using std::chrono::seconds;

namespace {

constexpr std::int64_t budget = 64 << 20;

runtime::TimePoint at(int seconds_passed) { return runtime::TimePoint(seconds(1'000 + seconds_passed)); }

}  // namespace

TEST_CASE("block pool: a class holds what was asked for and wastes a quarter at most") {
  std::size_t before = 0;
  for (std::size_t bytes = 1; bytes < (200u << 20); bytes += 1 + bytes / 7) {
    const std::size_t size = BlockPool::class_bytes(bytes);
    CHECK(size >= bytes);
    CHECK(size >= before);
    if (bytes > 8192) CHECK(static_cast<double>(size) <= 1.26 * static_cast<double>(bytes + 64));
    before = size;
  }
  CHECK(BlockPool::class_bytes(1) == 4096);
}

TEST_CASE("block pool: what is taken counts as its whole class, and comes back") {
  BlockPool pool(budget);
  for (const std::size_t bytes : {std::size_t{1}, std::size_t{5'000}, std::size_t{300'000}, std::size_t{3'000'000}}) {
    BlockRef block = pool.take(bytes);
    CHECK(block.capacity() >= bytes);
    CHECK(pool.used() == static_cast<std::int64_t>(BlockPool::class_bytes(bytes)));
    std::fill_n(block.data(), block.capacity(), 'x');
    block.reset();
    CHECK(pool.used() == 0);
  }
  CHECK(pool.idle() > 0);
}

TEST_CASE("block pool: references are counted, the last one gives the block back") {
  BlockPool pool(budget);
  BlockRef first = pool.take(100);
  CHECK(first.references() == 1);
  BlockRef second = first;
  CHECK(first.references() == 2);
  first = second;  // to itself
  CHECK(second.references() == 2);
  BlockRef third = std::move(second);
  CHECK_FALSE(second);
  CHECK(third.references() == 2);
  first.reset();
  CHECK(pool.used() > 0);
  third.reset();
  CHECK(pool.used() == 0);
}

TEST_CASE("block pool: the block freed last is the first to be used again, within its class only") {
  BlockPool pool(budget);
  BlockRef a = pool.take(10'000), b = pool.take(10'000), other = pool.take(100'000);
  const char* const a_at = a.data();
  const char* const b_at = b.data();
  other.reset();
  a.reset();
  b.reset();
  BlockRef again = pool.take(10'000);
  CHECK(again.data() == b_at);
  BlockRef once_more = pool.take(10'000);
  CHECK(once_more.data() == a_at);
  BlockRef fresh = pool.take(10'000);
  CHECK(fresh.data() != a_at);
  CHECK(fresh.data() != b_at);
}

TEST_CASE("block pool: idle blocks are kept for 30 seconds") {
  BlockPool pool(budget);
  pool.trim(at(0));
  pool.take(10'000).reset();
  pool.take(1'000'000).reset();
  const auto idle = pool.idle();
  CHECK(idle == static_cast<std::int64_t>(BlockPool::class_bytes(10'000) + BlockPool::class_bytes(1'000'000)));
  pool.trim(at(29));
  CHECK(pool.idle() == idle);
  pool.take(10'000).reset();  // used again, so it stays
  pool.trim(at(31));
  CHECK(pool.idle() == static_cast<std::int64_t>(BlockPool::class_bytes(10'000)));
  pool.trim(at(61));
  CHECK(pool.idle() == 0);
}

TEST_CASE("block pool: idle memory never exceeds an eighth of the budget") {
  BlockPool pool(16 << 20);
  std::vector<BlockRef> blocks;
  for (int i = 0; i < 12; ++i) blocks.push_back(pool.take(1 << 20));
  blocks.push_back(pool.take(100));
  CHECK(pool.used() > 12 << 20);
  blocks.clear();
  CHECK(pool.used() == 0);
  CHECK(pool.idle() <= 2 << 20);
  CHECK(pool.idle() > 0);
}

TEST_CASE("block pool: charges count beside blocks; room is told once to who asked for it") {
  BlockPool pool(budget);
  pool.charge(1000);
  CHECK(pool.used() == 1000);
  int calls = 0;
  pool.on_room([](void* count) { ++*static_cast<int*>(count); }, &calls);
  pool.release(100);
  CHECK(calls == 0);  // nobody asked
  pool.want_room();
  pool.release(100);
  CHECK(calls == 1);
  pool.release(100);
  CHECK(calls == 1);
  pool.want_room();
  pool.take(100).reset();
  CHECK(calls == 2);
  pool.want_room();
  pool.tell_room();
  CHECK(calls == 3);
  pool.release(700);
  CHECK(pool.used() == 0);
}

TEST_CASE("block pool: buffers for decompression are lent and kept when small") {
  BlockPool pool(budget);
  records::Buffer buffer = pool.take_buffer();
  CHECK(buffer.capacity() == 0);
  buffer.resize_uninitialised(1 << 20);
  const char* const data = buffer.data();
  pool.give_buffer(std::move(buffer));
  records::Buffer again = pool.take_buffer();
  CHECK(again.data() == data);
  again.resize_uninitialised(32 << 20);
  pool.give_buffer(std::move(again));
  CHECK(pool.take_buffer().capacity() == 0);  // too large to keep
}
