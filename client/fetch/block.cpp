#include "barnabas/client/fetch/block.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <new>

namespace barnabas::client {
namespace {

constexpr std::size_t smallest_class = 4096;
constexpr auto idle_max = std::chrono::seconds(30);
// From here on blocks are mappings of their own, so that giving one back returns it to the system.
constexpr std::size_t mapped_from = 256 << 10;
constexpr std::size_t spare_buffers_max = 4;
constexpr std::size_t spare_buffer_bytes_max = 4 << 20;

void* obtain(std::size_t bytes) {
  if (bytes < mapped_from) return ::operator new(bytes);
  void* memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  return memory;
}

void give_up(void* memory, std::size_t bytes) {
  if (bytes < mapped_from) {
    ::operator delete(memory);
  } else {
    ::munmap(memory, bytes);
  }
}

// Four classes to each doubling: a response just over a power of two wastes a quarter at most, not half.
struct SizeClass {
  std::size_t bytes;
  std::uint32_t index;
};

SizeClass size_class_of(std::size_t bytes) {
  if (bytes <= smallest_class) return {smallest_class, 0};
  const std::size_t below = std::bit_floor(bytes - 1);
  const std::size_t step = below / 4;
  const std::size_t steps = (bytes - below + step - 1) / step;
  const auto doublings = static_cast<std::uint32_t>(std::countr_zero(below) - std::countr_zero(smallest_class));
  return {below + steps * step, doublings * 4 + static_cast<std::uint32_t>(steps)};
}

}  // namespace

std::size_t BlockPool::class_bytes(std::size_t bytes) { return size_class_of(bytes + sizeof(Block)).bytes; }

BlockPool::~BlockPool() {
  for (auto& idle_blocks : classes_) {
    for (Idle& idle : idle_blocks) give_up(idle.block, idle.block->capacity + sizeof(Block));
  }
}

BlockRef BlockPool::take(std::size_t bytes) {
  const auto [size, size_class] = size_class_of(bytes + sizeof(Block));
  used_ += static_cast<std::int64_t>(size);
  if (size_class < classes_.size() && !classes_[size_class].empty()) {
    Block* block = classes_[size_class].back().block;
    classes_[size_class].pop_back();
    idle_ -= static_cast<std::int64_t>(size);
    return BlockRef(block);
  }
  return BlockRef(new (obtain(size)) Block{this, size - sizeof(Block), 0, size_class});
}

void BlockPool::give_back(Block* block) {
  const std::size_t size = block->capacity + sizeof(Block);
  if (classes_.size() <= block->size_class) classes_.resize(block->size_class + 1);
  classes_[block->size_class].push_back({block, last_trim_});
  idle_ += static_cast<std::int64_t>(size);
  came_back(static_cast<std::int64_t>(size));
  // Idle memory counts for the process as much as used memory does.
  for (std::size_t c = classes_.size(); idle_ > bytes_max_ / 8 && c-- > 0;) {
    while (idle_ > bytes_max_ / 8 && !classes_[c].empty()) {
      const std::size_t freed = classes_[c].front().block->capacity + sizeof(Block);
      give_up(classes_[c].front().block, freed);
      classes_[c].erase(classes_[c].begin());
      idle_ -= static_cast<std::int64_t>(freed);
    }
  }
}

records::Buffer BlockPool::take_buffer() {
  if (buffers_.empty()) return {};
  records::Buffer buffer = std::move(buffers_.back());
  buffers_.pop_back();
  return buffer;
}

void BlockPool::give_buffer(records::Buffer buffer) {
  if (buffers_.size() < spare_buffers_max && buffer.capacity() <= spare_buffer_bytes_max) {
    buffers_.push_back(std::move(buffer));
  }
}

void BlockPool::release(std::int64_t bytes) {
  charged_ -= bytes;
  came_back(bytes);
}

void BlockPool::came_back(std::int64_t bytes) {
  used_ -= bytes;
  tell_room();
}

void BlockPool::trim(runtime::TimePoint now) {
  for (auto& idle_blocks : classes_) {
    std::size_t old = 0;
    while (old < idle_blocks.size() && now - idle_blocks[old].since > idle_max) {
      const std::size_t size = idle_blocks[old].block->capacity + sizeof(Block);
      give_up(idle_blocks[old++].block, size);
      idle_ -= static_cast<std::int64_t>(size);
    }
    idle_blocks.erase(idle_blocks.begin(), idle_blocks.begin() + static_cast<std::ptrdiff_t>(old));
  }
  last_trim_ = now;
}

void BlockRef::drop() {
  if (block_ && --block_->references == 0) block_->pool->give_back(block_);
}

}  // namespace barnabas::client
