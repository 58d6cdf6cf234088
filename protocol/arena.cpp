#include "barnabas/protocol/arena.hpp"

#include <algorithm>

namespace barnabas::protocol {

namespace {
constexpr std::size_t block_bytes_min = 512;
constexpr std::size_t block_bytes_max = 64 * 1024;
constexpr std::size_t block_bookkeeping = 32;
}  // namespace

Arena::Arena(Arena&& other) noexcept
    : blocks_(std::move(other.blocks_)),
      next_(std::exchange(other.next_, nullptr)),
      left_(std::exchange(other.left_, 0)),
      held_(std::exchange(other.held_, 0)) {
  other.blocks_.clear();
}

Arena& Arena::operator=(Arena&& other) noexcept {
  if (this == &other) return *this;
  blocks_ = std::move(other.blocks_);
  other.blocks_.clear();
  next_ = std::exchange(other.next_, nullptr);
  left_ = std::exchange(other.left_, 0);
  held_ = std::exchange(other.held_, 0);
  return *this;
}

void* Arena::allocate_in_new_block(std::size_t size, std::size_t held_max) {
  const std::size_t held = held_ + block_bookkeeping;
  if (held > held_max || size > held_max - held) return nullptr;
  // Blocks grow with what is already held, so that at most about half of it is unused.
  const std::size_t usual = std::clamp(held_ / 2, block_bytes_min, block_bytes_max);
  const std::size_t block_bytes = std::max(size, std::min(usual, held_max - held));
  blocks_.push_back({std::make_unique_for_overwrite<char[]>(block_bytes), block_bytes});
  held_ = held + block_bytes;
  char* const first = blocks_.back().data.get();
  // A block made for one big request leaves the current one in use.
  if (block_bytes - size >= left_) {
    next_ = first + size;
    left_ = block_bytes - size;
  }
  return first;
}

void Arena::clear() {
  std::erase_if(blocks_, [](const Block& block) { return block.size > block_bytes_max; });
  if (!blocks_.empty()) {
    std::iter_swap(blocks_.begin(), std::ranges::max_element(blocks_, {}, &Block::size));
    blocks_.erase(blocks_.begin() + 1, blocks_.end());
  }
  next_ = blocks_.empty() ? nullptr : blocks_.front().data.get();
  left_ = blocks_.empty() ? 0 : blocks_.front().size;
  held_ = blocks_.empty() ? 0 : left_ + block_bookkeeping;
}

}  // namespace barnabas::protocol
