#include "barnabas/group/turn.hpp"

#include <utility>

namespace barnabas::group {

void Acker::done(std::int64_t first, std::int64_t next) const {
  if (const auto source = source_.lock()) source->told(epoch_, first, next, TurnSource::Outcome::done);
}

void Acker::reject(std::int64_t first, std::int64_t next) const {
  if (const auto source = source_.lock()) source->told(epoch_, first, next, TurnSource::Outcome::rejected);
}

void Acker::release(std::int64_t first, std::int64_t next) const {
  if (const auto source = source_.lock()) source->told(epoch_, first, next, TurnSource::Outcome::released);
}

Turn::Turn(Turn&& other) noexcept { *this = std::move(other); }

Turn& Turn::operator=(Turn&& other) noexcept {
  if (this == &other) return *this;
  end();
  source_ = std::move(other.source_);
  reader_ = std::exchange(other.reader_, nullptr);
  acker_ = std::move(other.acker_);
  first_ = other.first_;
  count_ = other.count_;
  delivery_count_ = other.delivery_count_;
  peeked_ = std::exchange(other.peeked_, false);
  return *this;
}

void Turn::end() noexcept {
  const auto source = std::exchange(source_, nullptr);
  reader_ = nullptr;
  peeked_ = false;
  if (source) source->turn_ended(count_);
}

void TurnSource::give(Turn& turn, std::shared_ptr<TurnSource> self, client::ShareReader& reader, std::uint64_t epoch,
                      std::int64_t first, std::int16_t delivery_count) {
  turn.acker_ = Acker(self, epoch);
  turn.source_ = std::move(self);
  turn.reader_ = &reader;
  turn.first_ = first;
  turn.count_ = 0;
  turn.delivery_count_ = delivery_count;
  turn.peeked_ = true;
}

}  // namespace barnabas::group
