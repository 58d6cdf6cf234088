#include "barnabas/client/error.hpp"

namespace barnabas {

Error::Error(Stage stage, std::string attempted, std::string with, std::string cause)
    : stage_(stage), attempted_(std::move(attempted)), with_(std::move(with)), cause_(std::move(cause)) {
  retriable_ = stage == Stage::resolve || stage == Stage::connect || stage == Stage::timeout;
  compose();
}

Error& Error::code(protocol::ErrorCode code) {
  code_ = code;
  compose();
  return *this;
}

Error& Error::hint(std::string hint) {
  hint_ = std::move(hint);
  compose();
  return *this;
}

Error& Error::retriable(bool retriable) {
  retriable_ = retriable;
  return *this;
}

void Error::compose() {
  text_ = "could not " + attempted_;
  if (!with_.empty()) text_ += " (" + with_ + ")";
  text_ += ": ";
  text_ += cause_.empty() ? name(stage_) : std::string_view(cause_);
  if (code_ != protocol::ErrorCode::none) {
    const std::string code_name = protocol::error_name(static_cast<std::int16_t>(code_));
    if (cause_.find(code_name) == std::string::npos) text_ += " [" + code_name + "]";
  }
  if (!hint_.empty()) text_ += "; " + hint_;
}

std::string_view name(Error::Stage stage) {
  switch (stage) {
    case Error::Stage::config: return "configuration";
    case Error::Stage::resolve: return "name resolution";
    case Error::Stage::connect: return "TCP connection";
    case Error::Stage::tls: return "TLS";
    case Error::Stage::auth: return "authentication";
    case Error::Stage::version: return "no common API version";
    case Error::Stage::protocol: return "protocol error";
    case Error::Stage::timeout: return "timed out";
    case Error::Stage::broker: return "the broker refused";
    case Error::Stage::closed: return "closed";
  }
  return "unknown";
}

Error broker_error(protocol::ErrorCode code, std::string attempted, std::string with, std::string_view message) {
  std::string cause(protocol::error_name(static_cast<std::int16_t>(code)));
  if (!message.empty()) cause.append(": ").append(message);
  Error error(Error::Stage::broker, std::move(attempted), std::move(with), std::move(cause));
  error.code(code).retriable(protocol::retriable(code));
  const auto advice = protocol::advice(code);
  if (!advice.empty()) error.hint(std::string(advice));
  return error;
}

}  // namespace barnabas
