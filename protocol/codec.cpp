#include "barnabas/protocol/codec.hpp"

namespace barnabas::protocol {

namespace {

std::string with_path(const std::string& path, const std::string& what) {
  return path.empty() ? what : path + ": " + what;
}

}  // namespace

std::string DecodeError::text() const { return with_path(path, what) + " (at byte " + std::to_string(offset) + ")"; }
std::string EncodeError::text() const { return with_path(path, what); }

}  // namespace barnabas::protocol
