// The shapes of coroutine calls that this project allows, run under the compiler at hand with live objects counted.
//
// g++ 12.2 destroys twice what some full-expressions with `co_await` build in place. Each of these ended in a double
// free under AddressSanitizer; scripts/lint refuses them, and they are not run here:
//
//   co_await open({.brokers = "…", .group = "…"});         an aggregate as argument, by value or by reference
//   co_await open(Options{"…", "…"});                      the same, with its name
//   co_await [text]() -> asio::awaitable<int> { … }();     a closure that owns what it captured
//   Options options{.brokers = co_await name(), …};        a wait inside an aggregate's braces
//
// These came out right when tried, but differ from the ones above only in what the type happens to be. They are refused
// with them, so that nobody has to remember the difference:
//
//   co_await open(Broker{});                               any other type built in place
//   co_await open(std::string("…"));                       an owning temporary, or a literal that becomes one
//
// In every case: name it in a local variable first, then wait.
#include <asio/post.hpp>
#include <asio/use_awaitable.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "runtime_support.hpp"

namespace barnabas::tests {
namespace {

int live_objects = 0;

/// Owns memory and is counted. Destroyed twice, the count goes below zero and the sanitizers speak.
class Counted {
 public:
  Counted() { ++live_objects; }
  Counted(const Counted& other) : text_(other.text_) { ++live_objects; }
  Counted(Counted&& other) noexcept : text_(std::move(other.text_)) { ++live_objects; }
  Counted& operator=(const Counted&) = default;
  Counted& operator=(Counted&&) = default;
  ~Counted() { --live_objects; }
  int size() const { return static_cast<int>(text_.size()); }

 private:
  std::string text_ = "long enough that it lives on the heap and nowhere else";
};

struct Options {
  Options() = default;
  std::string brokers = "broker-1.example.com:9092,broker-2.example.com:9092";
  Counted counted;
};

asio::awaitable<int> by_value(Counted counted) {
  co_await asio::post(asio::use_awaitable);
  co_return counted.size();
}

asio::awaitable<int> by_reference(const Counted& counted) {
  co_await asio::post(asio::use_awaitable);
  co_return counted.size();
}

asio::awaitable<int> with_options(Options options) {
  co_await asio::post(asio::use_awaitable);
  co_return static_cast<int>(options.brokers.size()) + options.counted.size();
}

asio::awaitable<std::optional<Counted>> make(bool wanted) {
  co_await asio::post(asio::use_awaitable);
  if (!wanted) co_return std::nullopt;
  co_return Counted();
}

asio::awaitable<int> fails(Counted counted) {
  co_await asio::post(asio::use_awaitable);
  if (counted.size() > 0) throw std::runtime_error("failed");
  co_return 0;
}

template <class Body>
void check_balanced(Body body) {
  live_objects = 0;
  run(body);
  CHECK(live_objects == 0);
}

TEST_CASE("coroutine shapes: a named argument, copied, moved or referred to") {
  check_balanced([](AsioRuntime&) -> asio::awaitable<void> {
    Counted counted;
    const int size = counted.size();
    const int copied = co_await by_value(counted);
    const int referred = co_await by_reference(counted);
    const int moved = co_await by_value(std::move(counted));
    CHECK(copied == size);
    CHECK(referred == size);
    CHECK(moved == size);
  });
}

TEST_CASE("coroutine shapes: options with a constructor, named first") {
  check_balanced([](AsioRuntime&) -> asio::awaitable<void> {
    Options options;
    options.brokers = "another-broker.example.com:9092,yet-another.example.com:9092";
    const int expected = static_cast<int>(options.brokers.size()) + options.counted.size();
    const int copied = co_await with_options(options);
    const int moved = co_await with_options(std::move(options));
    CHECK(copied == expected);
    CHECK(moved == expected);
  });
}

TEST_CASE("coroutine shapes: an optional result, named before it is looked at") {
  check_balanced([](AsioRuntime&) -> asio::awaitable<void> {
    const std::optional<Counted> present = co_await make(true);
    const std::optional<Counted> absent = co_await make(false);
    CHECK(present.has_value());
    CHECK(!absent.has_value());
    if (present) {
      const int size = co_await by_reference(*present);
      CHECK(size == present->size());
    }
  });
}

TEST_CASE("coroutine shapes: an exception out of the awaited call, waited on again outside the handler") {
  check_balanced([](AsioRuntime&) -> asio::awaitable<void> {
    Counted counted;
    std::string what;
    try {
      co_await fails(counted);
    } catch (const std::runtime_error& error) {
      what = error.what();
    }
    CHECK(what == "failed");
    const int size = co_await by_value(std::move(counted));
    CHECK(size > 0);
  });
}

TEST_CASE("coroutine shapes: waiting inside a loop over a named container") {
  check_balanced([](AsioRuntime&) -> asio::awaitable<void> {
    const std::vector<Counted> all(5);
    int sum = 0;
    for (const Counted& counted : all) {
      const int size = co_await by_reference(counted);
      sum += size;
    }
    CHECK(sum == 5 * all[0].size());
  });
}

TEST_CASE("coroutine shapes: an awaitable that is named and never started") {
  check_balanced([](AsioRuntime&) -> asio::awaitable<void> {
    Counted counted;
    {
      const asio::awaitable<int> never_started = by_value(counted);
      CHECK(live_objects == 2);
    }
    CHECK(live_objects == 1);
    co_return;
  });
}

}  // namespace
}  // namespace barnabas::tests
