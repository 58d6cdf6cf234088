// The one exception type of the control plane: what was tried, with whom, what came back, and what to do about it.
#pragma once

#include <cstdint>
#include <exception>
#include <string>
#include <string_view>

#include "barnabas/protocol/errors.hpp"

namespace barnabas {

/// Thrown by control-plane coroutines (never on the record path). Immutable; may be read on any thread.
class Error : public std::exception {
 public:
  /// Which part of the way to an answer failed.
  enum class Stage : std::uint8_t {
    config,    ///< the caller's options or arguments
    resolve,   ///< DNS
    connect,   ///< TCP
    tls,       ///< TLS handshake, or TLS where none was expected
    auth,      ///< SASL
    version,   ///< no common version of an API
    protocol,  ///< the bytes make no sense
    timeout,   ///< no answer in time
    broker,    ///< the broker answered with a Kafka error code
    closed,    ///< the connection or this client was closed meanwhile
  };

  /// `attempted` completes "could not …", as in "fetch metadata"; `with` names the other side ("broker 2 at
  /// 10.0.0.7:9092"); `cause` is the first cause in words.
  Error(Stage stage, std::string attempted, std::string with, std::string cause);

  Error& code(protocol::ErrorCode code);
  Error& hint(std::string hint);
  Error& retriable(bool retriable);

  Stage stage() const noexcept { return stage_; }
  protocol::ErrorCode code() const noexcept { return code_; }
  /// Whether the same call may succeed later without anybody changing anything.
  bool retriable() const noexcept { return retriable_; }
  const std::string& attempted() const noexcept { return attempted_; }
  const std::string& with() const noexcept { return with_; }
  const std::string& cause() const noexcept { return cause_; }
  /// What the user can do; may be empty.
  const std::string& hint() const noexcept { return hint_; }
  /// "could not fetch metadata from broker 2 at 10.0.0.7:9092: connection refused [CODE]; hint".
  const char* what() const noexcept override { return text_.c_str(); }

 private:
  void compose();

  Stage stage_;
  protocol::ErrorCode code_ = protocol::ErrorCode::none;
  bool retriable_ = false;
  std::string attempted_, with_, cause_, hint_, text_;
};

std::string_view name(Error::Stage stage);

/// An Error for a Kafka error code in an answer: name, retriability and advice come from the error table.
Error broker_error(protocol::ErrorCode code, std::string attempted, std::string with, std::string_view message = {});

}  // namespace barnabas
