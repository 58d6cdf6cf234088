#include "barnabas/client/runtime/asio_parts.hpp"

namespace barnabas::runtime {

std::unique_ptr<Http> make_curl_http(asio::io_context&, Clock&, std::size_t) { return nullptr; }

}  // namespace barnabas::runtime
