#include "barnabas/group/blocking.hpp"

#include <asio/post.hpp>
#include <atomic>
#include <condition_variable>
#include <functional>
#include <future>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "barnabas/client/runtime/asio_runtime.hpp"
#include "barnabas/client/runtime/tasks.hpp"
#include "barnabas/client/runtime/wakeup.hpp"
#include "barnabas/group/failure.hpp"

namespace barnabas::group {
namespace {

/// A turn that nobody has asked for is looked at so often, to give it back when its partition leaves.
constexpr std::chrono::milliseconds look_again{100};

}  // namespace

/// The loop's side. Its thread owns everything but what stands under `mutex`, where both sides meet.
struct BlockingConsumer::Loop {
  Loop(client::ClientOptions cluster, ConsumerOptions options, client::EventSink* sink, BlockingOptions blocking)
      : limits(blocking),
        client(runtime, std::move(cluster), sink ? *sink : nobody),
        consumer(client, std::move(options)),
        tasks(runtime),
        wanted(runtime.clock()),
        close_wanted(runtime.clock()) {}

  void start();
  /// Runs `work` on the loop, soon.
  void post(std::function<void()> work) { asio::post(runtime.executor(), std::move(work)); }
  void want() {
    post([this] { wanted.set(); });
  }
  /// Runs `work` on the loop and waits until it has kept or broken its promise.
  void call(const char* attempted, std::function<void(std::shared_ptr<std::promise<void>>)> work);

  asio::awaitable<void> main(std::shared_ptr<std::promise<void>> connected);
  asio::awaitable<void> serve();
  asio::awaitable<void> hand_out(Turn& turn);
  asio::awaitable<void> close_when_wanted();
  asio::awaitable<void> commit(std::shared_ptr<std::promise<void>> committed);
  PolledBatch take(Turn& turn, std::int64_t first) const;
  bool somebody_waits();
  void stop_handing_out(std::exception_ptr failure);

  const BlockingOptions limits;
  runtime::AsioRuntime runtime;
  client::EventStream nobody;
  client::Client client;
  Consumer consumer;
  runtime::TaskGroup tasks;
  runtime::Wakeup wanted;        // somebody polls, or handing out is over
  runtime::Wakeup close_wanted;  // within close_timeout
  std::chrono::milliseconds close_timeout{};
  bool closing = false;

  std::mutex mutex;
  std::condition_variable news;
  int polls = 0;  // that wait
  std::optional<PolledBatch> ready;
  std::unique_ptr<Error> error;
  bool over = false;  // no batch comes any more

  std::atomic<bool> closed = false;
  std::thread thread;  // lint: ok the loop of callers who have none; what runs on it goes through the seam
};

void BlockingConsumer::Loop::start() {
  auto connected = std::make_shared<std::promise<void>>();
  std::future<void> answer = connected->get_future();
  thread = std::thread([this, connected] { runtime.run(main(connected)); });  // lint: ok as above
  try {
    answer.get();
  } catch (...) {
    thread.join();
    throw;
  }
}

void BlockingConsumer::Loop::call(const char* attempted,
                                  std::function<void(std::shared_ptr<std::promise<void>>)> work) {
  if (closed) throw Error(Error::Stage::closed, attempted, "", "the consumer is closed");
  auto promise = std::make_shared<std::promise<void>>();
  std::future<void> answer = promise->get_future();
  post([promise, work = std::move(work)] {
    try {
      work(promise);
    } catch (...) {
      promise->set_exception(std::current_exception());
    }
  });
  answer.get();
}

asio::awaitable<void> BlockingConsumer::Loop::main(std::shared_ptr<std::promise<void>> connected) {
  std::exception_ptr failure;
  const auto connect_deadline = client.deadline_in_ms(limits.connect_timeout_ms);
  try {
    co_await client.connect(connect_deadline);
  } catch (...) {
    failure = std::current_exception();
  }
  const auto close_soon = client.deadline_in_ms(1'000);
  if (failure) {
    co_await client.close(close_soon);
    connected->set_exception(failure);
    co_return;
  }
  connected->set_value();
  tasks.spawn("close", close_when_wanted());
  try {
    co_await serve();
  } catch (...) {
    failure = std::current_exception();
  }
  if (consumer.error()) failure = std::make_exception_ptr(*consumer.error());
  stop_handing_out(failure);
  co_await tasks.join();
  const auto goodbye = client.deadline_in_ms(1'000);
  co_await client.close(goodbye);
}

asio::awaitable<void> BlockingConsumer::Loop::serve() {
  Turn turn;
  while (co_await consumer.next(turn)) {
    co_await hand_out(turn);
    turn.end();
  }
}

/// Nothing is walked before somebody waits for it: what was walked must be finished before its partition may leave.
asio::awaitable<void> BlockingConsumer::Loop::hand_out(Turn& turn) {
  std::int64_t next = turn.first_offset();
  while (!closing && !turn.leaving()) {
    if (!somebody_waits()) {
      const auto later = client.now() + look_again;
      co_await wanted.wait_until(later);
      continue;
    }
    PolledBatch batch = take(turn, next);
    if (batch.empty()) {
      turn.acker().done(next, turn.end_offset());
      co_return;
    }
    next = batch.next_;
    {
      const std::lock_guard lock(mutex);
      ready = std::move(batch);
    }
    news.notify_all();
  }
}

PolledBatch BlockingConsumer::Loop::take(Turn& turn, std::int64_t first) const {
  PolledBatch batch;
  batch.topic_ = turn.topic();
  batch.partition_ = turn.partition();
  batch.acker_ = turn.acker();
  batch.first_ = batch.next_ = first;
  records::RecordView record;
  while (batch.records_.size() < limits.poll_records_max && turn.next(record)) {
    batch.records_.push_back(record.own());
    batch.next_ = record.offset + 1;
  }
  return batch;
}

bool BlockingConsumer::Loop::somebody_waits() {
  const std::lock_guard lock(mutex);
  return polls > 0 && !ready;
}

void BlockingConsumer::Loop::stop_handing_out(std::exception_ptr failure) {
  const std::lock_guard lock(mutex);
  if (failure && !closing) error = std::make_unique<Error>(as_error(failure));
  over = true;
  news.notify_all();
}

asio::awaitable<void> BlockingConsumer::Loop::close_when_wanted() {
  co_await close_wanted.wait();
  const auto deadline = client.deadline_in_ms(close_timeout.count());
  co_await consumer.close(deadline);
}

asio::awaitable<void> BlockingConsumer::Loop::commit(std::shared_ptr<std::promise<void>> committed) {
  std::exception_ptr failure;
  try {
    co_await consumer.commit();
  } catch (...) {
    failure = std::current_exception();
  }
  failure ? committed->set_exception(failure) : committed->set_value();
}

BlockingConsumer::BlockingConsumer(client::ClientOptions cluster, ConsumerOptions options, client::EventSink* events,
                                   BlockingOptions blocking)
    : loop_(std::make_unique<Loop>(std::move(cluster), std::move(options), events, blocking)) {
  loop_->start();
}

BlockingConsumer::~BlockingConsumer() { close(std::chrono::seconds(5)); }

void BlockingConsumer::subscribe(std::vector<std::string> topics) {
  loop_->call("subscribe", [this, topics = std::move(topics)](auto promise) {
    loop_->consumer.subscribe(topics);
    promise->set_value();
  });
}

void BlockingConsumer::assign(const client::TopicPartition& partition, client::StartPosition start) {
  loop_->call("assign a partition", [this, partition, start](auto promise) {
    loop_->consumer.assign(partition, start);
    promise->set_value();
  });
}

PolledBatch BlockingConsumer::poll(std::chrono::milliseconds timeout) {
  std::unique_lock lock(loop_->mutex);
  ++loop_->polls;
  if (!loop_->ready && !loop_->over) loop_->want();
  loop_->news.wait_for(lock, timeout, [this] { return loop_->ready || loop_->over; });
  --loop_->polls;
  PolledBatch batch;
  if (loop_->ready) {
    batch = std::move(*loop_->ready);
    loop_->ready.reset();
    if (loop_->polls > 0) loop_->want();
  } else if (loop_->error) {
    throw Error(*loop_->error);
  }
  return batch;
}

void BlockingConsumer::done(const PolledBatch& batch) {
  if (batch.empty()) return;
  loop_->post([acker = batch.acker_, first = batch.first_, next = batch.next_] { acker.done(first, next); });
}

void BlockingConsumer::commit() {
  loop_->call("commit", [loop = loop_.get()](auto promise) { loop->tasks.spawn("commit", loop->commit(promise)); });
}

void BlockingConsumer::close(std::chrono::milliseconds timeout) {
  if (loop_->closed.exchange(true)) return;
  loop_->post([loop = loop_.get(), timeout] {
    loop->closing = true;
    loop->close_timeout = timeout;
    loop->close_wanted.set();
    loop->wanted.set();
  });
  loop_->thread.join();
}

}  // namespace barnabas::group
