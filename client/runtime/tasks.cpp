#include "barnabas/client/runtime/tasks.hpp"

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/use_awaitable.hpp>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <utility>

#include "barnabas/client/runtime/wakeup.hpp"

namespace barnabas::runtime {

struct TaskGroup::State {
  State(Runtime& runtime, OnFailure failure_handler)
      : executor(runtime.executor()), on_failure(std::move(failure_handler)), idle(runtime.clock()) {}

  void ended(std::uint64_t id, std::exception_ptr failure) {
    const auto task = running.find(id);
    if (failure && on_failure) {
      on_failure(task->second, failure);
    } else if (failure && !first_failure) {
      first_failure = failure;
    }
    running.erase(task);
    if (running.empty()) idle.notify_all();
  }

  bool loop_stopped() const {
    const auto* on_loop = executor.target<asio::io_context::executor_type>();
    return on_loop != nullptr && asio::query(*on_loop, asio::execution::context).stopped();
  }

  asio::any_io_executor executor;
  OnFailure on_failure;
  std::exception_ptr first_failure;
  std::map<std::uint64_t, std::string> running;  // by order of start
  std::uint64_t started = 0;
  Broadcast idle;

  static asio::awaitable<void> run(std::shared_ptr<State> state, std::uint64_t id, asio::awaitable<void> task) {
    co_await asio::post(asio::use_awaitable);
    std::exception_ptr failure;
    try {
      // Moved here so that the task's parameters, too, are gone before join() hears of its end.
      asio::awaitable<void> mine = std::move(task);
      co_await std::move(mine);
    } catch (...) {
      failure = std::current_exception();
    }
    state->ended(id, failure);
  }
};

TaskGroup::TaskGroup(Runtime& runtime, OnFailure on_failure)
    : state_(std::make_shared<State>(runtime, std::move(on_failure))) {}

TaskGroup::~TaskGroup() {
  if (state_->running.empty() || state_->loop_stopped()) return;
  std::fprintf(stderr,
               "barnabas: a TaskGroup was destroyed while %zu of its coroutines ran, the first of them \"%s\"\n",
               state_->running.size(), state_->running.begin()->second.c_str());
  std::abort();
}

void TaskGroup::spawn(std::string name, asio::awaitable<void> task) {
  const std::uint64_t id = state_->started++;
  state_->running.emplace(id, std::move(name));
  asio::co_spawn(state_->executor, State::run(state_, id, std::move(task)), asio::detached);
}

asio::awaitable<void> TaskGroup::join() {
  const std::shared_ptr<State> state = state_;
  while (!state->running.empty()) co_await state->idle.wait();
  if (state->first_failure) std::rethrow_exception(std::exchange(state->first_failure, nullptr));
}

std::size_t TaskGroup::running() const { return state_->running.size(); }

}  // namespace barnabas::runtime
