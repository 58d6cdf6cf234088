// Counts records and forgets them: for measuring what everything before a handler costs.
#pragma once

#include <asio/awaitable.hpp>
#include <string>

#include "barnabas/handlers/handler.hpp"

namespace barnabas::handlers {

/// Loop thread only.
class Null final : public Handler {
 public:
  explicit Null(std::string name) : name_(std::move(name)) {}

  const std::string& name() const override { return name_; }
  asio::awaitable<void> handle(group::Turn& turn) override;
  asio::awaitable<void> close(runtime::TimePoint) override;
  const HandlerStats& stats() const override { return stats_; }

 private:
  std::string name_;
  HandlerStats stats_;
  bool closed_ = false;
};

}  // namespace barnabas::handlers
