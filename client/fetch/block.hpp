// Memory that responses are received into: a pool of size classes, reused while warm, counted against one budget.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "barnabas/client/runtime/clock.hpp"
#include "barnabas/protocol/records/buffer.hpp"

namespace barnabas::client {

class BlockPool;

/// One piece of memory, counted by reference. Loop thread only; the bytes may be read on a worker while a BlockRef
/// lives.
struct Block {
  BlockPool* pool;
  std::size_t capacity;
  std::uint32_t references;
  std::uint32_t size_class;
  char* data() { return reinterpret_cast<char*>(this + 1); }
};

/// A counted reference. The count is not atomic: loop thread only, while others may read the bytes.
class BlockRef {
 public:
  BlockRef() = default;
  explicit BlockRef(Block* block) : block_(block) { add(); }
  BlockRef(const BlockRef& other) : block_(other.block_) { add(); }
  BlockRef(BlockRef&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  BlockRef& operator=(BlockRef other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  ~BlockRef() { drop(); }

  explicit operator bool() const { return block_ != nullptr; }
  char* data() const { return block_->data(); }
  std::size_t capacity() const { return block_->capacity; }
  std::uint32_t references() const { return block_->references; }
  BlockPool& pool() const { return *block_->pool; }
  void reset() { BlockRef().swap(*this); }
  void swap(BlockRef& other) noexcept { std::swap(block_, other.block_); }

 private:
  void add() {
    if (block_) ++block_->references;
  }
  void drop();
  Block* block_ = nullptr;
};

/// Size classes start at 4 KiB, four to each doubling; the last freed block of a class is the first reused. What stays
/// idle for 30 s is given back by trim(). Blocks outlive neither the pool nor may the pool be destroyed before them.
/// Loop thread only.
class BlockPool {
 public:
  explicit BlockPool(std::int64_t bytes_max) : bytes_max_(bytes_max) {}
  ~BlockPool();
  BlockPool(const BlockPool&) = delete;
  BlockPool& operator=(const BlockPool&) = delete;

  /// Never refuses: whoever asks for much first compares used() with bytes_max().
  BlockRef take(std::size_t bytes);
  /// Counts memory that is not in blocks (decompressed batches) while it lives.
  void charge(std::int64_t bytes) {
    used_ += bytes;
    charged_ += bytes;
  }
  void release(std::int64_t bytes);

  /// Bytes in live blocks (whole classes) and charged.
  std::int64_t used() const { return used_; }
  std::int64_t bytes_max() const { return bytes_max_; }
  /// Of used(): what is charged.
  std::int64_t charged() const { return charged_; }
  /// Held for reuse, not in use.
  std::int64_t idle() const { return idle_; }
  /// A warm buffer for decompression, to be given back; the caller charges its capacity while it has it.
  records::Buffer take_buffer();
  void give_buffer(records::Buffer buffer);

  /// `callback(context)` is called once after each want_room(): when memory comes back, or tell_room() says that some
  /// that was promised is free again. One subscriber.
  void on_room(void (*callback)(void*), void* context) { callback_ = callback, context_ = context; }
  void want_room() { room_wanted_ = true; }
  void tell_room() {
    if (callback_ && std::exchange(room_wanted_, false)) callback_(context_);
  }
  void trim(runtime::TimePoint now);

  static std::size_t class_bytes(std::size_t bytes);

 private:
  friend class BlockRef;
  void give_back(Block* block);
  void came_back(std::int64_t bytes);

  struct Idle {
    Block* block;
    runtime::TimePoint since;
  };
  std::vector<std::vector<Idle>> classes_;
  std::vector<records::Buffer> buffers_;
  std::int64_t bytes_max_;
  std::int64_t used_ = 0;
  std::int64_t charged_ = 0;
  std::int64_t idle_ = 0;
  runtime::TimePoint last_trim_{};
  bool room_wanted_ = false;
  void (*callback_)(void*) = nullptr;
  void* context_ = nullptr;
};

}  // namespace barnabas::client
