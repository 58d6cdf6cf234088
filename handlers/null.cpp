#include "barnabas/handlers/null.hpp"

namespace barnabas::handlers {

asio::awaitable<void> Null::handle(group::Turn& turn) {
  records::RecordView record;
  std::uint64_t records = 0, bytes = 0;
  while (!closed_ && turn.next(record)) {
    ++records;
    bytes += record.value.size();
  }
  stats_.records += records;
  stats_.delivered += records;
  stats_.bytes += bytes;
  if (records > 0) turn.acker().done(turn.first_offset(), turn.end_offset());
  co_return;
}

asio::awaitable<void> Null::close(runtime::TimePoint) {
  closed_ = true;
  co_return;
}

}  // namespace barnabas::handlers
