#include "barnabas/client/runtime/dialer.hpp"

namespace barnabas::runtime {

std::string Endpoint::text() const {
  const bool is_ipv6 = host.find(':') != std::string::npos;
  return (is_ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

}  // namespace barnabas::runtime
