#include "barnabas/tests/sim/worker.hpp"

#include <algorithm>

namespace barnabas::tests::sim {
namespace {

constexpr std::size_t pieces_max = 6;

}  // namespace

Worker::Worker(WorkerShape shape, runtime::Runtime& machine, fixtures::sim::SimRandom random, WorkerWatch& watch)
    : shape_(shape),
      clock_(machine.clock()),
      random_(random),
      watch_(watch),
      closing_(machine.clock()),
      piece_ended_(machine.clock()),
      tasks_(machine) {}

runtime::Duration Worker::pause_length() {
  const auto until = std::max(stuck_until_ - clock_.now(), runtime::Duration(0));
  const bool gets_stuck = shape_.stuck_one_in > 0 && random_.one_in(static_cast<std::uint64_t>(shape_.stuck_one_in));
  return std::max(until, gets_stuck ? shape_.stuck : random_.between(runtime::Duration(0), shape_.pause_max));
}

asio::awaitable<bool> Worker::pause() {
  const runtime::Duration length = pause_length();
  return closing_.pause(length);
}

void Worker::finish(const Piece& piece) {
  watch_.finished(piece.partition, piece.lease, piece.first, piece.next);
  piece.acker.done(piece.first, piece.next);
}

asio::awaitable<void> Worker::finish_later(Piece piece) {
  const bool go_on = co_await pause();
  if (go_on) finish(piece);
  --pieces_;
  piece_ended_.notify_all();
}

/// Gives away what was taken so far, in a piece of its own; `piece` goes on behind it.
asio::awaitable<void> Worker::hand_over(Piece& piece, std::int64_t next) {
  while (pieces_ >= pieces_max && !closing_.closing()) co_await piece_ended_.wait();
  Piece part = piece;
  part.next = next;
  piece.first = next;
  ++pieces_;
  tasks_.spawn("piece", finish_later(std::move(part)));
}

asio::awaitable<void> Worker::handle(group::Turn& turn) {
  using Manner = WorkerShape::Manner;
  Piece piece;
  piece.partition = client::TopicPartition(turn.topic(), turn.partition());
  piece.acker = turn.acker();
  piece.lease = watch_.lease(piece.partition);
  piece.first = turn.first_offset();
  records::RecordView record;
  bool go_on = !closing_.closing();
  while (go_on && turn.next(record)) {
    ++stats_.records;
    watch_.delivered(piece.partition, record);
    if (shape_.manner == Manner::halting) {
      go_on = co_await pause();
    } else if (shape_.manner == Manner::scattered && random_.one_in(4)) {
      co_await hand_over(piece, turn.end_offset());
    }
    go_on = go_on && !turn.leaving() && !closing_.closing();
  }
  if (turn.count() == 0) co_return;
  piece.next = turn.end_offset();
  if (shape_.manner == Manner::scattered) {
    co_await hand_over(piece, piece.next);
    co_return;
  }
  const bool in_time = shape_.manner == Manner::prompt && clock_.now() >= stuck_until_ ? true : co_await pause();
  if (in_time) finish(piece);
}

asio::awaitable<void> Worker::close(runtime::TimePoint deadline) {
  closing_.close_by(deadline);
  piece_ended_.notify_all();
  co_await tasks_.join();
}

}  // namespace barnabas::tests::sim
