// barnabas groups lag: what groups have still to read, once or again and again.
#include <fmt/core.h>

#include <algorithm>
#include <cstdio>
#include <set>

#include "barnabas/client/runtime/wakeup.hpp"
#include "barnabas/tools/command.hpp"
#include "barnabas/tools/groups_actions.hpp"
#include "barnabas/tools/groups_lag_view.hpp"
#include "barnabas/tools/standard_streams.hpp"
#include "barnabas/tools/terminal.hpp"

namespace barnabas::tools {
namespace {

/// The least time that brokers get to answer, however short the interval is.
constexpr runtime::Duration patience = std::chrono::seconds(3);

/// Outlives the command's coroutine: a question that is under way at the end is ended by the closing client.
struct Watch {
  Watch(Session& s, const GroupsFlags& f) : session(s), flags(f), news(s.runtime.clock()) {}
  Session& session;
  const GroupsFlags& flags;
  runtime::Wakeup news;
  LagMoment moment;
  LagRates rates;
  bool asking = false, stopped = false;
  bool on_screen = false;
  bool titled = false;  ///< the names of the columns have been printed
  std::vector<std::string> warned;

  /// Beside rows in a pipe, what is new.
  void warn() {
    for (const std::string& trouble : moment.troubles) {
      if (std::ranges::find(warned, trouble) == warned.end()) print_error_line("% warning " + one_line(trouble));
    }
    warned = moment.troubles;
  }
  void leave() {
    if (on_screen) std::fputs(leave_screen, stdout);
    if (on_screen) std::fflush(stdout);
    on_screen = false;
  }
};

std::vector<std::string> ids_of(const client::GroupList& list) {
  std::vector<std::string> ids;
  for (const client::GroupListing& group : list.groups) ids.push_back(group.id);
  return ids;
}

asio::awaitable<std::vector<std::string>> find_ids(Watch& watch, std::vector<std::string>& troubles,
                                                   runtime::TimePoint deadline) {
  if (!watch.flags.all) co_return watch.flags.groups;
  std::vector<std::string> ids;
  try {
    const client::GroupList list = co_await client::list_groups(watch.session.client, deadline);
    ids = ids_of(list);
    for (const Error& failure : list.failures) troubles.emplace_back(failure.what());
  } catch (const Error& failure) {
    troubles.emplace_back(failure.what());
  }
  // Groups of a broker that is away stay in sight.
  for (const GroupLook& look : watch.moment.looks) {
    if (!troubles.empty() && std::ranges::find(ids, look.id) == ids.end()) ids.push_back(look.id);
  }
  std::ranges::sort(ids);
  co_return ids;
}

/// A group that could not be asked shows what was last seen of it.
void keep_what_was_seen(GroupLook& look, const std::vector<GroupLook>& before) {
  const auto known = std::ranges::find(before, look.id, &GroupLook::id);
  if (known == before.end()) return;
  look.group = known->group;
  look.partitions = known->partitions;
}

/// Each trouble is told once: several groups may have one coordinator.
void note_troubles(LagMoment& moment) {
  std::set<std::string> troubles(moment.troubles.begin(), moment.troubles.end());
  for (const GroupLook& look : moment.looks) {
    if (look.failure) troubles.insert(look.failure->what());
    for (const client::PartitionLag& partition : look.partitions) {
      if (partition.error == protocol::ErrorCode::broker_not_available) troubles.insert(partition.problem);
    }
  }
  moment.troubles.assign(troubles.begin(), troubles.end());
}

asio::awaitable<void> ask(std::shared_ptr<Watch> watch) {
  Session& session = watch->session;
  const runtime::Duration interval = std::chrono::milliseconds(static_cast<std::int64_t>(watch->flags.watch_s * 1'000));
  const auto deadline = std::min(session.deadline(), session.client.now() + std::max(interval, patience));
  LagMoment moment;
  std::vector<std::string> ids = co_await find_ids(*watch, moment.troubles, deadline);
  moment.looks = co_await look_at_groups(session, std::move(ids), true, deadline);
  const auto now = session.client.now();
  moment.unix_ms = session.runtime.clock().unix_ms();
  for (GroupLook& look : moment.looks) {
    if (look.failure) keep_what_was_seen(look, watch->moment.looks);
    if (look.failure) continue;
    for (const client::PartitionLag& each : look.partitions) {
      if (each.offset >= 0 && each.log_end >= 0)
        watch->rates.add(look.id, each.partition, now, each.offset, each.log_end);
    }
  }
  note_troubles(moment);
  watch->moment = std::move(moment);
  watch->asking = false;
  watch->news.set();
}

/// One moment for a pipe: rows with the time in front, their titles once, or a JSON array.
std::string moment_text(Watch& watch) {
  Table table = lag_table(watch.moment.looks, watch.rates, watch.moment.unix_ms);
  std::string text;
  switch (watch.flags.form()) {
    case OutputForm::json: return table_json(table) + "\n";
    case OutputForm::csv: text = table_csv(table); break;
    case OutputForm::table: text = table_text(table); break;
  }
  if (watch.titled) return text.substr(std::min(text.size(), text.find('\n') + 1));
  watch.titled = !text.empty();
  return text;
}

std::string frame(Watch& watch) {
  const std::string title = fmt::format("lag every {} s, Ctrl-C ends", watch.flags.watch_s);
  const ScreenSize size = stdout_size();
  const std::string bytes = watch.on_screen ? "" : enter_screen;
  watch.on_screen = true;
  return bytes + draw(lag_screen(watch.moment, watch.rates, title, size), size);
}

/// Returns at the end of the interval, or when it is interrupted.
asio::awaitable<void> pause(Watch& watch, runtime::TimePoint until) {
  while (!watch.stopped && watch.session.client.now() < until) co_await watch.news.wait_until(until);
}

asio::awaitable<int> watch_lag(Session& session, const GroupsFlags& flags) {
  auto watch = std::make_shared<Watch>(session, flags);
  const bool drawn = flags.form() == OutputForm::table && stdout_is_terminal();
  const auto interval = std::chrono::milliseconds(static_cast<std::int64_t>(flags.watch_s * 1'000));
  StandardOutput output(session.runtime);
  session.on_interrupt = [&, watch] {
    watch->stopped = true;
    watch->leave();
    watch->news.set();
    output.stop();
  };
  while (!watch->stopped) {
    const auto next = session.client.now() + interval;
    watch->asking = true;
    session.client.spawn("lag", ask(watch));
    while (watch->asking && !watch->stopped) co_await watch->news.wait();
    if (watch->stopped) break;
    const std::string text = drawn ? frame(*watch) : moment_text(*watch);
    const bool read = co_await output.write(text);
    if (!read) break;
    if (!drawn) watch->warn();
    co_await pause(*watch, next);
  }
  session.on_interrupt = nullptr;
  if (drawn && watch->moment.unix_ms) {
    watch->leave();
    ScreenSize all;
    all.rows = all.columns = std::string::npos / 2;
    for (const std::string& line : lag_screen(watch->moment, watch->rates, "was seen last", all))
      fmt::print("{}\n", line);
  }
  co_return exit_ok;
}

}  // namespace

asio::awaitable<int> show_lag(Session& session, const GroupsFlags& flags) {
  if (flags.watch_s > 0) co_return co_await watch_lag(session, flags);
  int exit_code = exit_ok;
  std::vector<std::string> ids = co_await choose_groups(session, flags, exit_code);
  const auto deadline = session.deadline();
  auto looks = co_await look_at_groups(session, std::move(ids), true, deadline);
  exit_code = std::max(exit_code, report_failures(looks));
  print_table(partition_table(looks, false), flags.form());
  if (flags.form() == OutputForm::table && !looks.empty()) {
    const LagRates none;
    fmt::print("\n{}", table_text(sum_table(looks, none)));
  }
  co_return exit_code;
}

}  // namespace barnabas::tools
