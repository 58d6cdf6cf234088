#include "barnabas/group/next_generation_choice.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "barnabas/group/next_generation.hpp"

namespace barnabas::group {

using client::EventKind;
using client::Severity;

namespace {

constexpr std::array internal_topics = {"__consumer_offsets", "__transaction_state", "__share_group_state",
                                        "__cluster_metadata"};

/// The consumer protocol while that works, then the classic one for good.
class EitherProtocol final : public Membership {
 public:
  EitherProtocol(MembershipContext context, std::optional<std::string> pattern)
      : context_(context), next_(context, std::move(pattern)) {}

  asio::awaitable<void> run() override {
    std::unique_ptr<Error> refusal;
    try {
      co_await next_.run();
    } catch (const Error& error) {
      refusal = std::make_unique<Error>(error);
    }
    if (!refusal) co_return;
    if (!next_.refused_protocol()) throw *refusal;
    tell(*refusal);
    context_.member.member_id.clear();
    context_.member.generation = -1;
    context_.member.has_epoch = false;
    classic_ = std::make_unique<Classic>(context_);
    if (halted_) classic_->halt();
    co_await classic_->run();
  }
  void choose(std::vector<std::string> topics) override {
    context_.topics = topics;
    now().choose(std::move(topics));
  }
  void rejoin(const std::string& reason) override { now().rejoin(reason); }
  void commit_refused(Verdict verdict, const Error& error) override { now().commit_refused(verdict, error); }
  void halt() override {
    halted_ = true;
    now().halt();
  }
  asio::awaitable<void> leave(runtime::TimePoint deadline) override { return now().leave(deadline); }
  bool valid() const override { return classic_ ? classic_->valid() : next_.valid(); }

 private:
  Membership& now() { return classic_ ? static_cast<Membership&>(*classic_) : next_; }

  void tell(const Error& refusal) const {
    client::Event event(EventKind::joining, Severity::warning,
                        fmt::format("group {}: the consumer protocol cannot be spoken ({}): going on with the classic "
                                    "protocol",
                                    context_.member.group_id, refusal.cause()));
    event.code = refusal.code();
    context_.client.events().on_event(event);
  }

  MembershipContext context_;
  NextGeneration next_;  // kept to the end: its heartbeat loop may still be about to see that it is over
  std::unique_ptr<Classic> classic_;
  bool halted_ = false;
};

/// Java refuses these beside group.protocol=consumer; a configuration that serves both protocols is no mistake.
void warn_of_idle_options(const MembershipContext& context) {
  const GroupOptions& set = context.options;
  const GroupOptions usual;
  std::vector<std::string> idle;
  if (set.session_timeout_ms != usual.session_timeout_ms) idle.emplace_back("session.timeout.ms");
  if (set.heartbeat_interval_ms != usual.heartbeat_interval_ms) idle.emplace_back("heartbeat.interval.ms");
  if (set.assignors != usual.assignors) idle.emplace_back("partition.assignment.strategy");
  if (idle.empty()) return;
  context.client.events().on_event(client::Event(
      EventKind::config_warning, Severity::warning,
      fmt::format(
          "{} {} no effect with group.protocol=consumer: the brokers decide (group.consumer.session.timeout.ms, "
          "group.consumer.heartbeat.interval.ms, and group.remote.assignor here)",
          fmt::join(idle, ", "), idle.size() == 1 ? "has" : "have")));
}

}  // namespace

std::optional<std::string> pattern_for_broker(const std::vector<std::string>& texts) {
  if (texts.size() != 1 || !texts.front().starts_with('^')) return std::nullopt;
  const Subscription subscription(texts);
  const bool chooses_internal =
      std::ranges::any_of(internal_topics, [&](const char* name) { return subscription.wants(name, false); });
  if (chooses_internal) return std::nullopt;
  return ".*(?:" + texts.front() + ").*";
}

std::unique_ptr<Membership> make_membership(MembershipContext context, const std::vector<std::string>& subscription) {
  if (context.options.protocol == GroupProtocol::classic) return std::make_unique<Classic>(std::move(context));
  std::optional<std::string> pattern = pattern_for_broker(subscription);
  if (context.options.protocol == GroupProtocol::automatic) {
    return std::make_unique<EitherProtocol>(std::move(context), std::move(pattern));
  }
  warn_of_idle_options(context);
  return std::make_unique<NextGeneration>(std::move(context), std::move(pattern));
}

}  // namespace barnabas::group
