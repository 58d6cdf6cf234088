#include <curl/curl.h>

#include <algorithm>
#include <asio/io_context.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/steady_timer.hpp>
#include <chrono>
#include <cstring>
#include <map>
#include <new>
#include <optional>
#include <utility>

#include "barnabas/client/runtime/asio_parts.hpp"
#include "barnabas/client/runtime/wakeup.hpp"

namespace barnabas::runtime {
namespace {

using Failure = HttpResponse::Failure;
using Descriptor = asio::posix::stream_descriptor;

struct FreeEasy {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct FreeMulti {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};
struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using EasyHandle = std::unique_ptr<CURL, FreeEasy>;
using MultiHandle = std::unique_ptr<CURLM, FreeMulti>;
using HeaderList = std::unique_ptr<curl_slist, FreeList>;

constexpr std::size_t idle_handles_max = 16;

Failure failure_of(CURLcode code) {
  switch (code) {
    case CURLE_OK: return Failure::none;
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL: return Failure::bad_url;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY: return Failure::resolve;
    case CURLE_COULDNT_CONNECT:
    case CURLE_INTERFACE_FAILED:
    case CURLE_PROXY: return Failure::connect;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CRL_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
    case CURLE_SSL_ENGINE_NOTFOUND:
    case CURLE_SSL_ENGINE_SETFAILED:
    case CURLE_SSL_ENGINE_INITFAILED: return Failure::tls;
    case CURLE_OPERATION_TIMEDOUT: return Failure::timed_out;
    case CURLE_FILESIZE_EXCEEDED: return Failure::too_large;
    case CURLE_ABORTED_BY_CALLBACK: return Failure::cancelled;
    case CURLE_SEND_ERROR:
    case CURLE_SEND_FAIL_REWIND:
    case CURLE_READ_ERROR:
    case CURLE_OUT_OF_MEMORY:
    case CURLE_FAILED_INIT: return Failure::send;
    default: return Failure::receive;
  }
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_name(std::string_view a, std::string_view b) { return std::ranges::equal(a, b, {}, lower, lower); }

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blank = " \t\r\n";
  const std::size_t first = text.find_first_not_of(blank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

bool is_token(std::string_view text) {
  constexpr std::string_view also = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    const char small = lower(c);
    return (small >= 'a' && small <= 'z') || (c >= '0' && c <= '9') || also.find(c) != std::string_view::npos;
  });
}

/// What libcurl would put on the wire as it stands although it is no header: a way to smuggle in lines.
std::optional<std::string> refusal(const HttpRequest& request) {
  if (!is_token(request.method)) return "the method \"" + request.method + "\" is not a word";
  for (const auto& [name, value] : request.headers) {
    if (!is_token(name)) return "\"" + name + "\" is not the name of a header";
    if (value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) {
      return "the value of the header " + name + " holds a line break or a zero byte";
    }
  }
  return std::nullopt;
}

HeaderList header_list(const HttpRequest& request) {
  HeaderList list;
  const auto add = [&](const std::string& line) {
    curl_slist* longer = curl_slist_append(list.get(), line.c_str());
    if (longer == nullptr) throw std::bad_alloc();
    static_cast<void>(list.release());
    list.reset(longer);
  };
  bool has_content_type = false;
  for (const auto& [name, value] : request.headers) {
    has_content_type = has_content_type || same_name(name, "content-type");
    add(value.empty() ? name + ";" : name + ": " + value);
  }
  add("Expect:");
  if (!has_content_type) add("Content-Type:");
  return list;
}

long timeout_ms(Duration timeout) {
  const auto whole = std::chrono::ceil<std::chrono::milliseconds>(timeout).count();
  return static_cast<long>(std::clamp<std::int64_t>(whole, 1, INT32_MAX));  // 0 would mean: no limit
}

/// One request under way. Lives in the frame of send().
struct Exchange {
  explicit Exchange(Clock& clock) : done(clock) { error_text[0] = '\0'; }

  // libcurl's callbacks; a return value other than the size offered ends the transfer.
  static std::size_t on_body(char* data, std::size_t one, std::size_t size, void* self) {
    auto& exchange = *static_cast<Exchange*>(self);
    if (!exchange.fits(size)) return 0;
    exchange.response.body.append(data, size);
    return size * one;
  }

  static std::size_t on_header(char* data, std::size_t one, std::size_t size, void* self) {
    auto& exchange = *static_cast<Exchange*>(self);
    if (!exchange.fits(size)) return 0;
    exchange.take_header(std::string_view(data, size));
    return size * one;
  }

  bool fits(std::size_t size) {
    if (size > bytes_left) {
      too_large = true;
      return false;
    }
    bytes_left -= size;
    return true;
  }

  void take_header(std::string_view line) {
    if (line.starts_with("HTTP/")) {
      response.headers.clear();  // the head before it was a 100 Continue or a proxy's
      return;
    }
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return;
    std::string name(trimmed(line.substr(0, colon)));
    std::ranges::transform(name, name.begin(), lower);
    response.headers.emplace_back(std::move(name), trimmed(line.substr(colon + 1)));
  }

  void fail(Failure failure, std::string text) {
    response.failure = failure;
    response.failure_text = std::move(text);
    response.status = 0;
    response.headers.clear();
    response.body.clear();
  }

  const void* owner = nullptr;
  EasyHandle easy;
  HeaderList headers;
  HttpResponse response;
  std::size_t bytes_max = 0;
  std::size_t bytes_left = 0;
  bool too_large = false;
  char error_text[CURL_ERROR_SIZE];
  Wakeup done;
};

/// A socket of libcurl's that the loop watches. libcurl opens and closes it; here it is only lent.
struct Watch {
  Watch(asio::io_context& loop, curl_socket_t fd) : descriptor(loop) {
    asio::error_code ignored;  // a descriptor that could not be watched says so at its first wait
    descriptor.assign(fd, ignored);
  }
  ~Watch() { give_back(); }
  void give_back() {
    if (descriptor.is_open()) descriptor.release();
  }
  Descriptor descriptor;
  int wanted = 0;  // CURL_POLL_IN, CURL_POLL_OUT or both
  bool reading = false;
  bool writing = false;
};

class CurlHttp final : public Http {
 public:
  CurlHttp(asio::io_context& loop, Clock& clock, std::size_t connections_kept)
      : loop_(loop), clock_(clock), alarm_(loop) {
    static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
    multi_.reset(started == CURLE_OK ? curl_multi_init() : nullptr);
    if (!multi_) throw std::bad_alloc();
    curl_multi_setopt(multi_.get(), CURLMOPT_SOCKETFUNCTION, &CurlHttp::on_socket);
    curl_multi_setopt(multi_.get(), CURLMOPT_SOCKETDATA, this);
    curl_multi_setopt(multi_.get(), CURLMOPT_TIMERFUNCTION, &CurlHttp::on_timer);
    curl_multi_setopt(multi_.get(), CURLMOPT_TIMERDATA, this);
    curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS, static_cast<long>(connections_kept));
    curl_multi_setopt(multi_.get(), CURLMOPT_PIPELINING, static_cast<long>(CURLPIPE_NOTHING));
  }

  ~CurlHttp() override {
    multi_.reset();  // closes the kept connections, and says so through on_socket
    watches_.clear();
  }

  asio::awaitable<HttpResponse> send(HttpRequest& request) override {
    Exchange exchange(clock_);
    if (std::optional<std::string> why = refusal(request)) {
      exchange.fail(Failure::send, std::move(*why));
      co_return std::move(exchange.response);
    }
    const Underway underway(*this, exchange, request);
    co_await exchange.done.wait();
    co_return std::move(exchange.response);
  }

  void cancel(const void* owner) noexcept override {
    const auto theirs = std::ranges::partition(underway_, [owner](const Exchange* e) { return e->owner != owner; });
    for (Exchange* exchange : theirs) {
      curl_multi_remove_handle(multi_.get(), exchange->easy.get());
      exchange->fail(Failure::cancelled, "cancelled");
      exchange->done.set();
    }
    underway_.erase(theirs.begin(), theirs.end());
  }

 private:
  /// Enters an exchange in libcurl's books, and takes it out however the coroutine ends.
  class Underway {
   public:
    Underway(CurlHttp& http, Exchange& exchange, const HttpRequest& request) : http_(http), exchange_(exchange) {
      exchange.easy = http.take_handle();
      http.configure(exchange, request);
      http.underway_.push_back(&exchange);
      const CURLMcode code = curl_multi_add_handle(http.multi_.get(), exchange.easy.get());
      if (code == CURLM_OK) return;
      std::erase(http.underway_, &exchange);
      exchange.fail(Failure::send, curl_multi_strerror(code));
      exchange.done.set();
    }
    ~Underway() {
      if (std::erase(http_.underway_, &exchange_) > 0) {
        curl_multi_remove_handle(http_.multi_.get(), exchange_.easy.get());
      }
      http_.keep_handle(std::move(exchange_.easy));
    }
    Underway(const Underway&) = delete;
    Underway& operator=(const Underway&) = delete;

   private:
    CurlHttp& http_;
    Exchange& exchange_;
  };

  EasyHandle take_handle() {
    EasyHandle easy;
    if (idle_handles_.empty()) {
      easy.reset(curl_easy_init());
      if (!easy) throw std::bad_alloc();
    } else {
      easy = std::move(idle_handles_.back());
      idle_handles_.pop_back();
    }
    return easy;
  }

  void keep_handle(EasyHandle easy) {
    if (!easy || idle_handles_.size() >= idle_handles_max) return;
    curl_easy_reset(easy.get());
    idle_handles_.push_back(std::move(easy));
  }

  void configure(Exchange& exchange, const HttpRequest& request) {
    CURL* easy = exchange.easy.get();
    const auto set = [easy](CURLoption option, auto value) { curl_easy_setopt(easy, option, value); };
    exchange.owner = request.owner;
    exchange.headers = header_list(request);
    exchange.bytes_max = request.response_bytes_max;
    exchange.bytes_left = exchange.bytes_max;

    set(CURLOPT_PRIVATE, static_cast<void*>(&exchange));
    set(CURLOPT_ERRORBUFFER, exchange.error_text);
    set(CURLOPT_URL, request.url.c_str());
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set(CURLOPT_HTTPHEADER, exchange.headers.get());
    set(CURLOPT_USERAGENT, "barnabas");
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set_method(exchange, request);

    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_QUICK_EXIT, 1L);  // or ending an exchange would wait on the loop for a name lookup
    set(CURLOPT_TCP_KEEPALIVE, 1L);
    set(CURLOPT_CONNECTTIMEOUT_MS, timeout_ms(request.connect_timeout));
    set(CURLOPT_TIMEOUT_MS, timeout_ms(request.timeout));

    set(CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(request.response_bytes_max));
    set(CURLOPT_WRITEFUNCTION, &Exchange::on_body);
    set(CURLOPT_WRITEDATA, static_cast<void*>(&exchange));
    set(CURLOPT_HEADERFUNCTION, &Exchange::on_header);
    set(CURLOPT_HEADERDATA, static_cast<void*>(&exchange));
  }

  static void set_method(Exchange& exchange, const HttpRequest& request) {
    CURL* easy = exchange.easy.get();
    if (request.method == "HEAD") {
      curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
      return;
    }
    const bool has_body = !request.body.empty() || request.method == "POST" || request.method == "PUT";
    if (has_body) {
      curl_easy_setopt(easy, CURLOPT_POST, 1L);
      curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.data());  // not copied
      curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    } else {
      curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
    }
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }

  // ---- what libcurl asks of the loop; none of these may call libcurl back ----

  static int on_timer(CURLM*, long timeout_ms, void* self) {
    auto& http = *static_cast<CurlHttp*>(self);
    if (timeout_ms < 0) {
      http.alarm_.cancel();
      return 0;
    }
    http.alarm_.expires_after(std::chrono::milliseconds(timeout_ms));
    http.alarm_.async_wait([&http](const asio::error_code& cancelled) {
      if (!cancelled) http.act(CURL_SOCKET_TIMEOUT, 0);
    });
    return 0;
  }

  static int on_socket(CURL*, curl_socket_t fd, int wanted, void* self, void*) {
    static_cast<CurlHttp*>(self)->watch(fd, wanted);
    return 0;
  }

  void watch(curl_socket_t fd, int wanted) {
    const auto found = watches_.find(fd);
    if (wanted == CURL_POLL_REMOVE) {
      if (found == watches_.end()) return;
      found->second->wanted = 0;
      found->second->give_back();
      watches_.erase(found);
      return;
    }
    std::shared_ptr<Watch> watch = found != watches_.end() ? found->second : std::make_shared<Watch>(loop_, fd);
    if (found == watches_.end()) watches_.emplace(fd, watch);
    watch->wanted = wanted;
    arm(fd, watch);
  }

  // ---- what the loop tells libcurl ----

  void arm(curl_socket_t fd, const std::shared_ptr<Watch>& watch) {
    if ((watch->wanted & CURL_POLL_IN) != 0 && !std::exchange(watch->reading, true)) {
      watch->descriptor.async_wait(Descriptor::wait_read, [this, fd, watch](const asio::error_code& error) {
        watch->reading = false;
        ready(fd, watch, error, CURL_POLL_IN, CURL_CSELECT_IN);
      });
    }
    if ((watch->wanted & CURL_POLL_OUT) != 0 && !std::exchange(watch->writing, true)) {
      watch->descriptor.async_wait(Descriptor::wait_write, [this, fd, watch](const asio::error_code& error) {
        watch->writing = false;
        ready(fd, watch, error, CURL_POLL_OUT, CURL_CSELECT_OUT);
      });
    }
  }

  void ready(curl_socket_t fd, const std::shared_ptr<Watch>& watch, const asio::error_code& error, int direction,
             int event) {
    if (watch->wanted == 0) return;
    if ((watch->wanted & direction) != 0) act(fd, error ? CURL_CSELECT_ERR : event);
    if (watch->wanted != 0 && !error) arm(fd, watch);
  }

  void act(curl_socket_t fd, int events) {
    int running = 0;
    curl_multi_socket_action(multi_.get(), fd, events, &running);
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
      if (message->msg == CURLMSG_DONE) finish(message->easy_handle, message->data.result);
    }
  }

  void finish(CURL* easy, CURLcode code) {
    char* stored = nullptr;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &stored);
    auto& exchange = *reinterpret_cast<Exchange*>(stored);
    if (code == CURLE_OK) {
      long status = 0;
      curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
      exchange.response.status = static_cast<int>(status);
    } else {
      const std::string address = address_of(easy);
      Failure failure = exchange.too_large ? Failure::too_large : failure_of(code);
      // libcurl's word for an answer that is not HTTP is the same as for a URL that is not.
      if (failure == Failure::bad_url && !address.empty()) failure = Failure::receive;
      std::string text = exchange.error_text[0] != '\0' ? exchange.error_text : curl_easy_strerror(code);
      if (exchange.too_large) text = "the answer is larger than " + std::to_string(exchange.bytes_max) + " bytes";
      exchange.fail(failure, text + address);
    }
    curl_multi_remove_handle(multi_.get(), easy);
    std::erase(underway_, &exchange);
    exchange.done.set();
  }

  static std::string address_of(CURL* easy) {
    const char* ip = nullptr;
    long port = 0;
    curl_easy_getinfo(easy, CURLINFO_PRIMARY_IP, &ip);
    curl_easy_getinfo(easy, CURLINFO_PRIMARY_PORT, &port);
    if (ip == nullptr || *ip == '\0' || port == 0) return {};
    return " (" + Endpoint(ip, static_cast<std::uint16_t>(port)).text() + ")";
  }

  asio::io_context& loop_;
  Clock& clock_;
  asio::steady_timer alarm_;
  std::map<curl_socket_t, std::shared_ptr<Watch>> watches_;
  std::vector<Exchange*> underway_;
  std::vector<EasyHandle> idle_handles_;
  MultiHandle multi_;
};

}  // namespace

std::unique_ptr<Http> make_curl_http(asio::io_context& loop, Clock& clock, std::size_t connections_kept) {
  return std::make_unique<CurlHttp>(loop, clock, connections_kept);
}

}  // namespace barnabas::runtime
