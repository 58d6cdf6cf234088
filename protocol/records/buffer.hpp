// A byte buffer that is reused: it grows, never shrinks by itself, and never fills what it hands out.
#pragma once

#include <cstdlib>
#include <memory>

#include "barnabas/protocol/records/names.hpp"

namespace barnabas::records {

/// Movable, not copyable; one thread at a time. Throws std::bad_alloc when memory is not to be had.
class Buffer {
 public:
  Buffer() = default;
  Buffer(Buffer&& other) noexcept { swap(other); }
  Buffer& operator=(Buffer&& other) noexcept {
    Buffer taken(std::move(other));
    swap(taken);
    return *this;
  }

  char* data() { return data_.get(); }
  const char* data() const { return data_.get(); }
  std::size_t size() const { return size_; }
  std::size_t capacity() const { return capacity_; }
  bytes view() const { return {data_.get(), size_}; }

  /// Sets the size. The first min(old size, n) bytes stay, what lies behind them is not set to anything.
  void resize_uninitialised(std::size_t n) {
    if (n > capacity_) grow(n);
    size_ = n;
  }
  /// Forgets the contents, keeps the memory.
  void clear() { size_ = 0; }
  /// Gives the memory back.
  void release() { *this = Buffer(); }

 private:
  struct Free {
    void operator()(char* data) const { std::free(data); }
  };

  void grow(std::size_t n);
  void swap(Buffer& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
  }

  std::unique_ptr<char, Free> data_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace barnabas::records
