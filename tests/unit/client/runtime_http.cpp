#include <cstdlib>
#include <functional>
#include <map>
#include <vector>

#include "barnabas/client/runtime/http.hpp"
#include "barnabas/client/runtime/tasks.hpp"
#include "barnabas/client/runtime/wakeup.hpp"
#include "runtime_support.hpp"

namespace barnabas::tests {
namespace {

using namespace barnabas::runtime;
using Failure = HttpResponse::Failure;

/// What the server does with one request.
struct Reply {
  std::string bytes;
  bool hang = false;   // never answer
  bool close = false;  // close after `bytes`
};

struct Seen {
  std::string head;  // request line and headers
  std::string body;
  int connection = 0;  // counted from 1
};

Reply answer(int status, std::string_view body, std::string_view headers = {}) {
  Reply reply;
  reply.bytes = "HTTP/1.1 " + std::to_string(status) +
                " Some Reason\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + std::string(headers) +
                "\r\n" + std::string(body);
  return reply;
}

/// A server that answers as `behave` says, one request after the other on each connection.
class Server {
 public:
  Server(Runtime& runtime, std::function<Reply(const Seen&)> behave)
      : runtime_(runtime), behave_(std::move(behave)), tasks_(runtime), closing_(runtime.clock()) {
    auto listener = runtime.listen(Address("127.0.0.1", 0));
    REQUIRE(listener.has_value());
    listener_ = std::move(*listener);
    tasks_.spawn("accept", accept());
  }

  std::string url(std::string_view path = "/v1/logs") const {
    return "http://127.0.0.1:" + std::to_string(listener_->port()) + std::string(path);
  }
  std::string address() const { return "127.0.0.1:" + std::to_string(listener_->port()); }
  const std::vector<Seen>& seen() const { return seen_; }
  int connections() const { return static_cast<int>(streams_.size()); }

  asio::awaitable<void> close() {
    listener_->close();
    for (const auto& [number, stream] : streams_) stream->close();
    closing_.notify_all();
    closed_ = true;
    co_await tasks_.join();
  }

 private:
  asio::awaitable<void> accept() {
    for (;;) {
      std::shared_ptr<Stream> stream = co_await listener_->accept();
      if (!stream) co_return;
      const int number = static_cast<int>(streams_.size()) + 1;
      streams_.emplace(number, stream);
      tasks_.spawn("serve", serve(stream, number));
    }
  }

  asio::awaitable<void> serve(std::shared_ptr<Stream> stream, int number) {
    for (;;) {
      Seen seen;
      seen.connection = number;
      while (!seen.head.ends_with("\r\n\r\n")) {
        const std::string byte = co_await read_bytes(*stream, 1);
        if (byte.empty()) co_return;
        seen.head += byte;
      }
      const std::size_t length = seen.head.find("Content-Length: ");
      if (length != std::string::npos) {
        seen.body = co_await read_bytes(*stream, std::stoul(seen.head.substr(length + 16)));
      }
      seen_.push_back(seen);
      const Reply reply = behave_(seen);
      const bool written = co_await write_bytes(*stream, reply.bytes);
      if (reply.hang && !closed_) co_await closing_.wait();
      if (reply.close || reply.hang || !written) {
        stream->close();
        co_return;
      }
    }
  }

  Runtime& runtime_;
  std::function<Reply(const Seen&)> behave_;
  std::unique_ptr<Listener> listener_;
  std::map<int, std::shared_ptr<Stream>> streams_;
  std::vector<Seen> seen_;
  TaskGroup tasks_;
  Broadcast closing_;
  bool closed_ = false;
};

HttpRequest post(std::string url, std::string body = "payload") {
  ::setenv("no_proxy", "*", 1);  // the environment of the tests may name a proxy
  HttpRequest request;
  request.url = std::move(url);
  request.body = std::move(body);
  return request;
}

asio::awaitable<void> send_and_keep(Http& http, HttpRequest& request, std::vector<HttpResponse>& responses) {
  HttpResponse response = co_await http.send(request);
  responses.push_back(std::move(response));
}

asio::awaitable<void> send_holding(Http& http, HttpRequest request, Live) {
  const HttpResponse response = co_await http.send(request);
  FAIL_CHECK("an exchange that was to be dropped has ended: " << response.failure_text);
}

std::string header(const HttpResponse& response, std::string_view name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) return value;
  }
  return {};
}

TEST_CASE("http: status, headers and body arrive, and the connection is used again") {
  run([](AsioRuntime& runtime) -> asio::awaitable<void> {
    Server server(runtime, [](const Seen&) { return answer(200, "thanks", "X-Mixed-Case:  value \r\nEmpty:\r\n"); });
    HttpRequest request = post(server.url(), std::string("a\0b", 3));
    request.headers.emplace_back("Content-Type", "application/x-protobuf");
    request.headers.emplace_back("X-Empty", "");
    for (int i = 0; i < 3; ++i) {
      const HttpResponse response = co_await runtime.http().send(request);
      CHECK(response.failure == Failure::none);
      CHECK(response.failure_text.empty());
      CHECK(response.status == 200);
      CHECK(response.body == "thanks");
      CHECK(header(response, "x-mixed-case") == "value");
      CHECK(response.headers.size() == 3);
    }
    CHECK(server.connections() == 1);
    REQUIRE(server.seen().size() == 3);
    const Seen& seen = server.seen().back();
    CHECK(seen.head.starts_with("POST /v1/logs HTTP/1.1\r\n"));
    CHECK(seen.head.find("Content-Type: application/x-protobuf\r\n") != std::string::npos);
    CHECK(seen.head.find("X-Empty:\r\n") != std::string::npos);
    CHECK(seen.head.find("User-Agent: barnabas\r\n") != std::string::npos);
    CHECK(seen.head.find("Expect:") == std::string::npos);
    CHECK(seen.body == std::string("a\0b", 3));
    co_await server.close();
  });
}

TEST_CASE("http: methods, and bodies too large for one write") {
  run([](AsioRuntime& runtime) -> asio::awaitable<void> {
    Server server(runtime, [](const Seen& seen) { return answer(200, seen.head.substr(0, seen.head.find(' '))); });
    for (const char* method : {"GET", "POST", "PUT", "DELETE", "PATCH"}) {
      HttpRequest request = post(server.url(), "");
      request.method = method;
      const HttpResponse response = co_await runtime.http().send(request);
      CHECK(response.body == method);
    }
    HttpRequest large = post(server.url(), std::string(5'000'000, 'x'));
    const HttpResponse response = co_await runtime.http().send(large);
    CHECK(response.status == 200);
    CHECK(server.seen().back().body == large.body);
    CHECK(server.seen().back().head.find("Content-Type:") == std::string::npos);
    CHECK(server.seen().back().head.find("Expect:") == std::string::npos);
    co_await server.close();
  });
}

TEST_CASE("http: an answer that is no success is an answer; redirects are not followed") {
  run([](AsioRuntime& runtime) -> asio::awaitable<void> {
    Server server(runtime, [](const Seen& seen) {
      if (seen.body == "redirect") return answer(302, "", "Location: /elsewhere\r\n");
      return answer(503, "overloaded", "Retry-After: 7\r\n");
    });
    HttpRequest request = post(server.url());
    const HttpResponse unavailable = co_await runtime.http().send(request);
    CHECK(unavailable.failure == Failure::none);
    CHECK(unavailable.status == 503);
    CHECK(unavailable.body == "overloaded");
    CHECK(header(unavailable, "retry-after") == "7");
    HttpRequest redirected = post(server.url(), "redirect");
    const HttpResponse redirect = co_await runtime.http().send(redirected);
    CHECK(redirect.status == 302);
    CHECK(server.seen().size() == 2);
    co_await server.close();
  });
}

TEST_CASE("http: headers of an interim answer are not taken for the answer's") {
  run([](AsioRuntime& runtime) -> asio::awaitable<void> {
    Server server(runtime, [](const Seen&) {
      Reply reply = answer(200, "x", "Final: yes\r\n");
      reply.bytes = "HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n" + reply.bytes;
      return reply;
    });
    HttpRequest request = post(server.url());
    const HttpResponse response = co_await runtime.http().send(request);
    CHECK(response.status == 200);
    CHECK(header(response, "final") == "yes");
    CHECK(header(response, "link").empty());
    co_await server.close();
  });
}

TEST_CASE("http: no answer within the timeout") {
  run([](AsioRuntime& runtime) -> asio::awaitable<void> {
    Server server(runtime, [](const Seen&) {
      Reply silence;
      silence.hang = true;
      return silence;
    });
    HttpRequest request = post(server.url());
    request.timeout = 50ms;
    const TimePoint start = runtime.clock().now();
    const HttpResponse response = co_await runtime.http().send(request);
    CHECK(runtime.clock().now() - start >= 49ms);
    CHECK(response.failure == Failure::timed_out);
    CHECK(response.status == 0);
    CHECK(response.failure_text.find(server.address()) != std::string::npos);
    co_await server.close();
  });
}

TEST_CASE("http: an answer that begins and then stalls has failed, and nothing of it is left") {
  run([](AsioRuntime& runtime) -> asio::awaitable<void> {
    Server server(runtime, [](const Seen&) {
      Reply half;
      half.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf";
      half.hang = true;
      return half;
    });
    HttpRequest request = post(server.url());
    request.timeout = 100ms;
    const HttpResponse response = co_await runtime.http().send(request);
    CHECK(response.failure == Failure::timed_out);
    CHECK(response.status == 0);
    CHECK(response.headers.empty());
    CHECK(response.body.empty());
    co_await server.close();
  });
}

TEST_CASE("http: nobody listens") {
  run([](AsioRuntime& runtime) -> asio::awaitable<void> {
    Server server(runtime, [](const Seen&) { return Reply(); });
    HttpRequest request = post(server.url());
    const std::string port = server.address().substr(server.address().find(':') + 1);
    co_await server.close();
    const HttpResponse response = co_await runtime.http().send(request);
    CHECK(response.failure == Failure::connect);
    CHECK(response.failure_text.find("127.0.0.1") != std::string::npos);
    CHECK(response.failure_text.find(port) != std::string::npos);
  });
}

TEST_CASE("http: a connection lost after the request was written; the same request can be sent again") {
  run([](AsioRuntime& runtime) -> asio::awaitable<void> {
    int failures = 2;
    Server server(runtime, [&failures](const Seen&) {
      Reply lost;
      lost.close = true;
      if (failures == 1) lost.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf";
      return failures-- > 0 ? lost : answer(200, "at last");
    });
    HttpRequest request = post(server.url(), "kept by the caller");
    const HttpResponse no_answer = co_await runtime.http().send(request);
    CHECK(no_answer.failure == Failure::receive);
    CHECK(no_answer.status == 0);
    const HttpResponse half_an_answer = co_await runtime.http().send(request);
    CHECK(half_an_answer.failure == Failure::receive);
    CHECK(half_an_answer.body.empty());
    const HttpResponse response = co_await runtime.http().send(request);
    CHECK(response.failure == Failure::none);
    CHECK(response.body == "at last");
    CHECK(server.seen().size() == 3);
    CHECK(server.seen().back().body == "kept by the caller");
    co_await server.close();
  });
}

TEST_CASE("http: a kept connection that the server closed is replaced unseen") {
  run([](AsioRuntime& runtime) -> asio::awaitable<void> {
    Server server(runtime, [](const Seen&) {
      Reply reply = answer(200, "x");
      reply.close = true;
      return reply;
    });
    HttpRequest request = post(server.url());
    for (int i = 0; i < 5; ++i) {
      const HttpResponse response = co_await runtime.http().send(request);
      CHECK_MESSAGE(response.status == 200, response.failure_text);
    }
    CHECK(server.connections() >= 5);
    co_await server.close();
  });
}

TEST_CASE("http: an answer larger than the limit is refused, announced or not, in body or headers") {
  run([](AsioRuntime& runtime) -> asio::awaitable<void> {
    Server server(runtime, [](const Seen& seen) {
      Reply reply;
      const std::string large(100'000, 'x');
      if (seen.body == "announced") reply.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n" + large;
      if (seen.body == "unannounced") reply.bytes = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + large;
      if (seen.body == "headers") {
        reply.bytes = "HTTP/1.1 200 OK\r\n";
        for (int i = 0; i < 100; ++i) reply.bytes += "X-" + std::to_string(i) + ": " + large.substr(0, 1000) + "\r\n";
        reply.bytes += "Content-Length: 0\r\n\r\n";
      }
      if (seen.body == "fits") return answer(200, large);
      reply.close = true;
      return reply;
    });
    for (const char* kind : {"announced", "unannounced", "headers"}) {
      HttpRequest request = post(server.url(), kind);
      request.response_bytes_max = 50'000;
      const HttpResponse response = co_await runtime.http().send(request);
      CHECK_MESSAGE(response.failure == Failure::too_large, kind << ": " << response.failure_text);
      CHECK(response.body.empty());
    }
    HttpRequest request = post(server.url(), "fits");
    request.response_bytes_max = 101'000;
    const HttpResponse response = co_await runtime.http().send(request);
    CHECK(response.body.size() == 100'000);
    co_await server.close();
  });
}

TEST_CASE("http: what is not HTTP, not TLS, not a URL, not a header") {
  run([](AsioRuntime& runtime) -> asio::awaitable<void> {
    Server server(runtime, [](const Seen&) {
      Reply reply;
      reply.bytes = "SSH-2.0-OpenSSH_9.2\r\n";
      reply.close = true;
      return reply;
    });
    HttpRequest request = post(server.url());
    const HttpResponse garbage = co_await runtime.http().send(request);
    CHECK_MESSAGE(garbage.failure == Failure::receive, garbage.failure_text);
    const std::size_t seen = server.seen().size();

    for (const char* url : {"", "http://", "gopher://127.0.0.1/", "file:///etc/passwd", "http://a b/"}) {
      HttpRequest bad = post(url);
      const HttpResponse response = co_await runtime.http().send(bad);
      CHECK_MESSAGE(response.failure == Failure::bad_url, url << ": " << response.failure_text);
      CHECK(!response.failure_text.empty());
    }

    HttpRequest smuggling = post(server.url());
    smuggling.headers.emplace_back("X-Token", "a\r\nX-Admin: yes");
    const HttpResponse value_refused = co_await runtime.http().send(smuggling);
    CHECK(value_refused.failure == Failure::send);
    CHECK(value_refused.failure_text == "the value of the header X-Token holds a line break or a zero byte");
    smuggling.headers.clear();
    smuggling.headers.emplace_back("X-Bad Name", "a");
    const HttpResponse name_refused = co_await runtime.http().send(smuggling);
    CHECK(name_refused.failure == Failure::send);
    smuggling.headers.clear();
    smuggling.method = "GET / HTTP/1.1\r\nX: y";
    const HttpResponse method_refused = co_await runtime.http().send(smuggling);
    CHECK(method_refused.failure == Failure::send);
    CHECK(server.seen().size() == seen);
    co_await server.close();
  });
}

asio::awaitable<void> greet(Listener& listener, std::string_view greeting) {
  const std::unique_ptr<Stream> stream = co_await listener.accept();
  if (!stream) co_return;
  const bool written = co_await write_bytes(*stream, greeting);
  CHECK(written);
  const std::string ignored = co_await read_bytes(*stream, 1 << 20);
}

TEST_CASE("http: a server that speaks no TLS fails as TLS, a name that cannot be as a name") {
  run([](AsioRuntime& runtime) -> asio::awaitable<void> {
    const auto listener = runtime.listen(Address("127.0.0.1", 0));
    REQUIRE(listener.has_value());
    TaskGroup group(runtime);
    group.spawn("greet", greet(**listener, "HTTP/1.1 400 Bad Request\r\n\r\n"));
    HttpRequest request = post("https://127.0.0.1:" + std::to_string((*listener)->port()) + "/");
    const HttpResponse response = co_await runtime.http().send(request);
    CHECK_MESSAGE(response.failure == Failure::tls, response.failure_text);
    (*listener)->close();
    co_await group.join();

    HttpRequest unknown = post("http://no..such..host/");
    const HttpResponse unresolved = co_await runtime.http().send(unknown);
    CHECK_MESSAGE(unresolved.failure == Failure::resolve, unresolved.failure_text);
    CHECK(unresolved.failure_text.find("no..such..host") != std::string::npos);
  });
}

TEST_CASE("http: many exchanges at once") {
  run([](AsioRuntime& runtime) -> asio::awaitable<void> {
    Server server(runtime, [](const Seen& seen) { return answer(200, seen.body); });
    std::vector<HttpRequest> requests;
    for (int i = 0; i < 60; ++i) requests.push_back(post(server.url(), std::to_string(i)));
    std::vector<HttpResponse> responses;
    TaskGroup group(runtime);
    for (HttpRequest& request : requests) group.spawn("send", send_and_keep(runtime.http(), request, responses));
    co_await group.join();
    REQUIRE(responses.size() == 60);
    int sum = 0;
    for (const HttpResponse& response : responses) sum += response.status == 200 ? std::stoi(response.body) : -10'000;
    CHECK(sum == 59 * 60 / 2);
    co_await server.close();
  });
}

TEST_CASE("http: cancel ends what one owner has under way, and what comes later works") {
  run([](AsioRuntime& runtime) -> asio::awaitable<void> {
    Server server(runtime, [](const Seen& seen) {
      Reply silence;
      silence.hang = true;
      return seen.body == "hang" ? silence : answer(200, "x");
    });
    std::vector<HttpRequest> requests;
    for (int i = 0; i < 5; ++i) requests.push_back(post(server.url(), "hang"));
    const int first = 0, second = 0;
    for (HttpRequest& request : requests) request.owner = &first;
    requests.back().owner = &second;
    requests.back().timeout = 2s;
    std::vector<HttpResponse> responses;
    TaskGroup group(runtime);
    runtime.http().cancel(&first);
    for (HttpRequest& request : requests) group.spawn("send", send_and_keep(runtime.http(), request, responses));
    while (server.seen().size() < 5) co_await sleep_for(runtime.clock(), 1ms);
    runtime.http().cancel(&first);
    runtime.http().cancel(&first);
    CHECK(responses.empty());
    co_await group.join();
    REQUIRE(responses.size() == 5);
    for (int i = 0; i < 4; ++i) CHECK(responses[i].failure == Failure::cancelled);
    CHECK(responses[4].failure == Failure::timed_out);

    HttpRequest request = post(server.url(), "again");
    const HttpResponse response = co_await runtime.http().send(request);
    CHECK(response.status == 200);
    co_await server.close();
  });
}

TEST_CASE("http: the end of the loop destroys exchanges in every state") {
  int live = 0;
  AsioRuntime runtime;
  const auto listener = runtime.listen(Address("127.0.0.1", 0));
  REQUIRE(listener.has_value());
  const std::string url = "http://127.0.0.1:" + std::to_string((*listener)->port()) + "/";
  for (int i = 0; i < 4; ++i) {
    const std::string body(i % 2 == 0 ? 10 : 20'000'000, 'x');
    asio::co_spawn(runtime.executor(), send_holding(runtime.http(), post(url, body), Live(live)), asio::detached);
  }
  runtime.run(sleep_for(runtime.clock(), 30ms));
  CHECK(live == 0);
}

}  // namespace
}  // namespace barnabas::tests
