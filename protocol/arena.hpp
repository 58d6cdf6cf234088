// Where decoded lists live.
#pragma once

#include <cstring>
#include <memory>
#include <new>
#include <vector>

#include "barnabas/protocol/types.hpp"

namespace barnabas::protocol {

/// Hands out memory that is freed all at once. Not thread-safe; what it handed out is valid until clear() or
/// destruction.
class Arena {
 public:
  Arena() = default;
  Arena(Arena&&) noexcept;
  Arena& operator=(Arena&&) noexcept;

  /// Uninitialised; `align` is a power of two, at most that of std::max_align_t. Throws std::bad_alloc.
  void* allocate(std::size_t size, std::size_t align) {
    const std::size_t pad = (0 - reinterpret_cast<std::uintptr_t>(next_)) & (align - 1);
    if (pad + size > left_) [[unlikely]]
      return allocate_in_new_block(size, ~std::size_t{0});
    return allocate_here(pad, size);
  }

  /// Null instead of letting bytes() grow beyond `held_max`.
  void* allocate_within(std::size_t size, std::size_t align, std::size_t held_max) {
    const std::size_t pad = (0 - reinterpret_cast<std::uintptr_t>(next_)) & (align - 1);
    if (pad + size > left_) [[unlikely]]
      return allocate_in_new_block(size, held_max);
    return allocate_here(pad, size);
  }

  /// `count` elements, each with its defaults.
  template <class T>
  list<T> make_list(std::size_t count) {
    static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);
    if (count == 0) return {};
    T* const first = static_cast<T*>(allocate(count * sizeof(T), alignof(T)));
    for (std::size_t i = 0; i < count; ++i) ::new (static_cast<void*>(first + i)) T{};
    return {first, count};
  }

  string copy(string text) { return {copy_bytes(text.data(), text.size()), text.size()}; }
  protocol::bytes copy(protocol::bytes data) { return {copy_bytes(data.data(), data.size()), data.size()}; }

  /// Forgets everything handed out; keeps one small block for the next use.
  void clear();
  /// Bytes taken from the system, used or not, bookkeeping counted; for budgets.
  std::size_t bytes() const { return held_; }

 private:
  struct Block {
    std::unique_ptr<char[]> data;
    std::size_t size;
  };

  void* allocate_here(std::size_t pad, std::size_t size) {
    char* const at = next_ + pad;
    next_ = at + size;
    left_ -= pad + size;
    return at;
  }
  void* allocate_in_new_block(std::size_t size, std::size_t held_max);
  const char* copy_bytes(const char* from, std::size_t size) {
    if (size == 0) return "";
    return static_cast<const char*>(std::memcpy(allocate(size, 1), from, size));
  }

  std::vector<Block> blocks_;
  char* next_ = nullptr;
  std::size_t left_ = 0;
  std::size_t held_ = 0;
};

}  // namespace barnabas::protocol
