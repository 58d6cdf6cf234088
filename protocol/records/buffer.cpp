#include "barnabas/protocol/records/buffer.hpp"

#include <new>

namespace barnabas::records {

void Buffer::grow(std::size_t n) {
  // realloc copies all that the allocation holds; when there is nothing to keep, a fresh one is cheaper.
  if (size_ == 0) {
    data_.reset();
    capacity_ = 0;
  }
  auto* moved = static_cast<char*>(std::realloc(data_.get(), n));
  if (moved == nullptr) throw std::bad_alloc();
  static_cast<void>(data_.release());
  data_.reset(moved);
  capacity_ = n;
}

}  // namespace barnabas::records
