#include "barnabas/tests/sim/ledger.hpp"

#include <fmt/format.h>

#include <charconv>
#include <stdexcept>

#include "barnabas/protocol/records/compression.hpp"
#include "barnabas/protocol/records/view.hpp"

namespace barnabas::tests::sim {
namespace {

std::int64_t number_in(std::string_view text, std::string_view value) {
  std::int64_t number = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size()) return number;
  throw std::runtime_error(fmt::format("nobody wrote '{}'", value.substr(0, 60)));
}

/// Calls `take(record)` for each record of a stored batch.
template <class Take>
void for_each_record(protocol::bytes batch, Take take) {
  records::BatchWalker walker(batch);
  records::BatchView view;
  records::Buffer buffer;
  while (walker.next(view) == records::BatchWalker::Step::batch) {
    if (!view.crc_ok()) throw std::runtime_error("a batch with a wrong checksum stands in the log");
    const auto body = records::decompress(view.header().codec(), view.body(), buffer, 16u << 20);
    if (!body) throw std::runtime_error("a batch in the log cannot be decompressed");
    records::RecordCursor cursor(view.header(), *body);
    records::RecordView record;
    while (cursor.next(record)) take(record);
    if (cursor.failed()) throw std::runtime_error("a batch in the log cannot be read");
  }
}

}  // namespace

std::string Label::text() const { return fmt::format("{}/{}/{}/", topic, partition, number); }

Label Label::read(std::string_view value) {
  Label label;
  std::string_view parts[3];
  std::string_view rest = value;
  for (auto& part : parts) {
    const auto slash = rest.find('/');
    if (slash == rest.npos) throw std::runtime_error(fmt::format("nobody wrote '{}'", value.substr(0, 60)));
    part = rest.substr(0, slash);
    rest = rest.substr(slash + 1);
  }
  label.topic = parts[0];
  label.partition = static_cast<std::int32_t>(number_in(parts[1], value));
  label.number = number_in(parts[2], value);
  return label;
}

Ledger::Ledger(const fixtures::broker::Broker& broker, fixtures::sim::Invariants& invariants, const Shape& shape,
               OnViolation on_violation)
    : broker_(broker),
      invariants_(invariants),
      sink_in_order_(shape.sink_in_order),
      commits_may_fall_(shape.faults > 0),
      violated_(std::move(on_violation)) {
  for (const TopicShape& topic : shape.topics) {
    for (int p = 0; p < topic.partitions; ++p) {
      Book& book = books_[Partition(topic.name, p)];
      book.log = &broker.log(topic.name, p);
      book.to_sink = topic.to_sink;
    }
  }
}

void Ledger::look() {
  for (auto& [partition, book] : books_) {
    if (book.log->end_offset() > static_cast<std::int64_t>(book.numbers.size())) read_log(partition, book);
    read_commit(partition, book);
  }
}

void Ledger::read_log(const Partition& partition, Book& book) {
  while (static_cast<std::int64_t>(book.numbers.size()) < book.log->end_offset()) {
    for_each_record(book.log->batch_at(static_cast<std::int64_t>(book.numbers.size())), [&](const auto& record) {
      const Label label = Label::read(record.value_text());
      if (Partition(label.topic, label.partition) != partition || label.number > book.written) {
        violated_(fmt::format("{} offset {} holds '{}', written were {}", partition.text(), record.offset, label.text(),
                              book.written));
      }
      book.written = std::max(book.written, label.number + 1);
      if (!book.to_sink) invariants_.produced(partition, record.offset);
      book.numbers.push_back(label.number);
    });
  }
  book.taken.resize(static_cast<std::size_t>(book.written));
}

void Ledger::read_commit(const Partition& partition, Book& book) {
  const std::int64_t committed = broker_.committed(group_id, partition.topic, partition.partition);
  if (committed == book.committed) return;
  const bool falls = committed < book.committed_max;
  // A request that was held up on a broken connection may be carried out after the next one on a new connection.
  // Nothing is lost by it: what lies between is delivered again to whoever begins there.
  if (!book.to_sink && !falls) invariants_.committed(partition, committed);
  if ((falls && !commits_may_fall_) || committed > static_cast<std::int64_t>(book.numbers.size())) {
    violated_(fmt::format("{}: committed {} after {}, the log ends at {}", partition.text(), committed, book.committed,
                          book.numbers.size()));
  }
  for (std::int64_t offset = std::max<std::int64_t>(book.committed_max, 0); book.to_sink && offset < committed;
       ++offset) {
    const std::int64_t number = book.numbers[static_cast<std::size_t>(offset)];
    if (book.taken[static_cast<std::size_t>(number)]) continue;
    violated_(fmt::format("{}: committed {}, but the sink never got offset {}", partition.text(), committed, offset));
  }
  book.committed = committed;
  book.committed_max = std::max(book.committed_max, committed);
}

void Ledger::delivered(const Partition& partition, std::int64_t offset, std::string_view value) {
  Book& book = books_.at(partition);
  ++arrivals_;
  const Label label = Label::read(value);
  if (offset >= static_cast<std::int64_t>(book.numbers.size()) ||
      label.number != book.numbers[static_cast<std::size_t>(offset)] || label.topic != partition.topic ||
      label.partition != partition.partition) {
    return violated_(fmt::format("{} offset {} arrived as '{}'", partition.text(), offset, label.text()));
  }
  if (offset > book.first_missing) {
    violated_(fmt::format("{} offset {} arrived, {} did not", partition.text(), offset, book.first_missing));
  }
  if (offset < book.first_missing) ++repeated_arrivals_;
  book.first_missing = std::max(book.first_missing, offset + 1);
}

void Ledger::arrived(const Label& label) {
  const Partition partition(label.topic, label.partition);
  Book& book = books_.at(partition);
  ++arrivals_;
  if (label.number >= book.written) {
    return violated_(fmt::format("'{}' reached the sink and was never written", label.text()));
  }
  if (sink_in_order_ && label.number > book.first_missing) {
    violated_(fmt::format("'{}' reached the sink, number {} did not", label.text(), book.first_missing));
  }
  if (book.taken[static_cast<std::size_t>(label.number)]) ++repeated_arrivals_;
  book.taken[static_cast<std::size_t>(label.number)] = true;
  while (book.first_missing < book.written && book.taken[static_cast<std::size_t>(book.first_missing)]) {
    ++book.first_missing;
  }
}

std::string Ledger::missing() const {
  for (const auto& [partition, book] : books_) {
    const std::int64_t end = book.log->end_offset();
    const std::int64_t all = book.to_sink ? book.written : end;
    if (book.first_missing != all) {
      return fmt::format("{}: {} of {} arrived", partition.text(), book.first_missing, all);
    }
    if (std::max<std::int64_t>(book.committed_max, 0) != end) {
      return fmt::format("{}: committed is {}, the log ends at {}", partition.text(), book.committed_max, end);
    }
  }
  return {};
}

void Ledger::check_written(const Partition& partition, std::int64_t count) {
  look();
  const std::int64_t written = books_.at(partition).written;
  if (written != count) violated_(fmt::format("{}: {} of {} were written", partition.text(), written, count));
}

}  // namespace barnabas::tests::sim
