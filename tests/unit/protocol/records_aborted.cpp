#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>

#include "barnabas/protocol/records/aborted.hpp"
#include "records_support.hpp"

namespace barnabas::records {
namespace {

using namespace testing;

std::string data_batch(int64 base_offset, int64 producer_id, int records = 1, bool transactional = true) {
  BatchOptions options;
  options.producer_id = producer_id;
  options.producer_epoch = 0;
  options.base_sequence = 0;
  options.transactional = transactional;
  BatchBuilder builder(options);
  for (int i = 0; i < records; ++i) builder.append(0, std::nullopt, "v");
  return builder.finish(base_offset);
}

std::string marker(int64 offset, int64 producer_id, ControlType type) {
  return control_batch(offset, producer_id, 0, type, 0);
}

bool aborted(AbortedIndex& index, const std::string& batch) { return index.aborted(BatchView{bytes(batch)}); }

TEST_CASE("aborted: from the first offset to the abort marker") {
  AbortedIndex index({{7, 10}});
  CHECK(!aborted(index, data_batch(8, 7)));  // a transaction before
  CHECK(!aborted(index, marker(9, 7, ControlType::commit)));
  CHECK(aborted(index, data_batch(10, 7)));
  CHECK(!aborted(index, data_batch(11, 8)));  // somebody else
  CHECK(!aborted(index, data_batch(12, 7, 1, false)));
  CHECK(aborted(index, data_batch(13, 7)));
  CHECK(!aborted(index, marker(14, 7, ControlType::abort)));
  CHECK(!aborted(index, data_batch(15, 7)));
}

TEST_CASE("aborted: an empty list aborts nothing") {
  AbortedIndex index;
  CHECK(!aborted(index, data_batch(0, 1)));
  CHECK(!aborted(index, marker(1, 1, ControlType::abort)));
}

TEST_CASE("aborted: several transactions of one producer, listed in any order") {
  AbortedIndex index({{7, 30}, {3, 5}, {7, 10}});
  CHECK(aborted(index, data_batch(5, 3)));
  CHECK(aborted(index, data_batch(10, 7)));
  CHECK(!aborted(index, marker(11, 7, ControlType::abort)));
  CHECK(!aborted(index, data_batch(20, 7)));
  CHECK(!aborted(index, marker(21, 7, ControlType::commit)));
  CHECK(aborted(index, data_batch(30, 7)));
  CHECK(aborted(index, data_batch(31, 3)));
  CHECK(!aborted(index, marker(32, 7, ControlType::abort)));
  CHECK(!aborted(index, data_batch(33, 7)));
}

TEST_CASE("aborted: a marker that ends nothing is ignored") {
  // An abort without data in this partition has a marker but no entry; it must not use up the next entry.
  AbortedIndex index({{7, 20}});
  CHECK(!aborted(index, marker(5, 7, ControlType::abort)));
  CHECK(!aborted(index, marker(6, 8, ControlType::abort)));
  CHECK(!aborted(index, data_batch(10, 7)));
  CHECK(aborted(index, data_batch(20, 7)));
  CHECK(!aborted(index, marker(21, 7, static_cast<ControlType>(2))));
  CHECK(aborted(index, data_batch(22, 7)));
}

TEST_CASE("aborted: a control batch that cannot be read ends nothing") {
  AbortedIndex index({{7, 0}});
  std::string broken = marker(1, 7, ControlType::abort);
  broken.resize(broken.size() - 3);
  seal_batch(broken);
  CHECK(!aborted(index, broken));
  CHECK(aborted(index, data_batch(2, 7)));
}

TEST_CASE("aborted: a reader that starts in the middle of a transaction") {
  AbortedIndex index({{7, 10}});
  CHECK(aborted(index, data_batch(500, 7)));
  CHECK(!aborted(index, marker(501, 7, ControlType::abort)));
  CHECK(!aborted(index, data_batch(502, 7)));
}

// One batch of a made-up log, and whether its records were rolled back.
struct Logged {
  std::string batch;
  int64 producer_id;
  int64 base_offset;
  bool rolled_back;
};

struct Log {
  std::vector<Logged> batches;
  std::vector<AbortedTransaction> aborted;
};

// Transactions of a few producers, interleaved, some without data, and batches outside of transactions.
Log make_log(std::mt19937_64& random) {
  Log log;
  int64 offset = static_cast<int64>(random() % 100);
  std::map<int64, std::vector<std::size_t>> open;
  const auto add = [&](std::string batch, int64 producer) {
    const int64 base = offset;
    stamp_batch(batch, base, 0);
    offset = BatchHeader::load(batch.data()).next_offset();
    log.batches.push_back({std::move(batch), producer, base, false});
  };
  const auto end = [&](int64 producer, bool abort) {
    std::vector<std::size_t>& mine = open[producer];
    if (abort && !mine.empty()) log.aborted.push_back({producer, log.batches[mine.front()].base_offset});
    for (std::size_t i : mine) log.batches[i].rolled_back = abort;
    mine.clear();
    add(marker(0, producer, abort ? ControlType::abort : ControlType::commit), producer);
  };
  for (int step = 0; step < 60; ++step) {
    const auto producer = static_cast<int64>(random() % 4);
    switch (random() % 8) {
      case 0: end(producer, true); break;
      case 1: end(producer, false); break;
      case 2: add(data_batch(0, 100 + producer, 2, false), 100 + producer); break;
      default:
        open[producer].push_back(log.batches.size());
        add(data_batch(0, producer, static_cast<int>(random() % 3) + 1), producer);
    }
  }
  for (int64 producer = 0; producer < 4; ++producer) end(producer, random() % 2 == 0);
  std::shuffle(log.aborted.begin(), log.aborted.end(), random);
  return log;
}

TEST_CASE("aborted: what is filtered is exactly what was rolled back, from any starting point") {
  std::mt19937_64 random(99);
  int rolled_back = 0;
  for (int round = 0; round < 150; ++round) {
    const Log log = make_log(random);
    const std::size_t start = round % 3 == 0 ? 0 : random() % log.batches.size();
    // A broker lists the transactions that overlap what it sends: those whose marker is not before the start.
    std::vector<AbortedTransaction> listed;
    for (const AbortedTransaction& entry : log.aborted) {
      const auto ends = std::find_if(log.batches.begin(), log.batches.end(), [&](const Logged& l) {
        return l.producer_id == entry.producer_id && l.base_offset > entry.first_offset &&
               BatchHeader::load(l.batch.data()).is_control();
      });
      if (static_cast<std::size_t>(ends - log.batches.begin()) >= start) listed.push_back(entry);
    }
    AbortedIndex index(listed);
    for (std::size_t i = start; i < log.batches.size(); ++i) {
      REQUIRE(aborted(index, log.batches[i].batch) == log.batches[i].rolled_back);
      rolled_back += log.batches[i].rolled_back ? 1 : 0;
    }
  }
  CHECK(rolled_back > 500);
}

// The rule as KIP-98 tells it, without any cleverness.
class NaiveFilter {
 public:
  explicit NaiveFilter(std::vector<AbortedTransaction> aborted) : aborted_(std::move(aborted)) {}

  bool aborted(const BatchHeader& header, bool abort_marker) {
    std::erase_if(aborted_, [&](const AbortedTransaction& entry) {
      if (entry.first_offset > header.base_offset) return false;
      active_.insert(entry.producer_id);
      return true;
    });
    if (abort_marker) active_.erase(header.producer_id);
    return !header.is_control() && header.is_transactional() && active_.contains(header.producer_id);
  }

 private:
  std::vector<AbortedTransaction> aborted_;
  std::set<int64> active_;
};

TEST_CASE("aborted: agrees with a naive filter on lists and logs that make no sense") {
  std::mt19937_64 random(123);
  for (int round = 0; round < 300; ++round) {
    std::vector<AbortedTransaction> list;
    for (uint64 i = random() % 12; i > 0; --i) {
      list.push_back({static_cast<int64>(random() % 3), static_cast<int64>(random() % 60)});
    }
    AbortedIndex index(list);
    NaiveFilter naive(list);
    for (int64 offset = 0; offset < 60; ++offset) {
      const auto producer = static_cast<int64>(random() % 3);
      const uint64 kind = random() % 6;
      const std::string batch = kind == 0   ? marker(offset, producer, ControlType::abort)
                                : kind == 1 ? marker(offset, producer, ControlType::commit)
                                            : data_batch(offset, producer, 1, kind != 2);
      REQUIRE(aborted(index, batch) == naive.aborted(BatchHeader::load(batch.data()), kind == 0));
    }
  }
}

}  // namespace
}  // namespace barnabas::records
