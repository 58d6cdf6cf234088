// What a share group's member was given and says back: ranges of offsets, without any network.
#include <doctest/doctest.h>

#include <map>
#include <random>

#include "barnabas/group/share/acquisition.hpp"
#include "barnabas/group/share/session.hpp"

using namespace barnabas;
using namespace barnabas::group;

namespace {

using Said = protocol::ShareFetchResponse::AcquiredRecords;

Said said(std::int64_t first, std::int64_t last, std::int16_t count) {
  Said range;
  range.first_offset = first;
  range.last_offset = last;
  range.delivery_count = count;
  return range;
}

std::vector<AcquiredRange> read(std::vector<Said> ranges, std::string& problem) {
  return read_acquired(protocol::list<Said>(ranges.data(), ranges.size()), problem);
}

protocol::Uuid id(unsigned char number) {
  protocol::Uuid id{};
  id.octets[0] = number;
  return id;
}

}  // namespace

TEST_CASE("acquired ranges: those that touch and were handed out equally often become one") {
  std::string problem;
  const auto ranges = read({said(0, 4, 1), said(5, 9, 1), said(10, 10, 2), said(20, 29, 2)}, problem);
  CHECK(problem.empty());
  REQUIRE(ranges.size() == 3);
  CHECK(ranges[0].first == 0);
  CHECK(ranges[0].next == 10);
  CHECK(ranges[1].delivery_count == 2);
  CHECK(ranges[2].first == 20);
  CHECK(ranges[2].next == 30);
}

TEST_CASE("acquired ranges: overlapping, backward, negative and endless ones are refused as a whole") {
  const std::vector<std::vector<Said>> nonsense = {
      {said(0, 4, 1), said(4, 9, 1)},
      {said(5, 9, 1), said(0, 4, 1)},
      {said(3, 2, 1)},
      {said(-1, 4, 1)},
      {said(0, std::numeric_limits<std::int64_t>::max(), 1)},
      {said(0, 4, 0)},
      {said(0, 4, -7)},
      {said(std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::min(), 1)},
  };
  for (const auto& ranges : nonsense) {
    std::string problem;
    CHECK(read(ranges, problem).empty());
    CHECK_FALSE(problem.empty());
  }
}

TEST_CASE("acknowledgements: gaps are cut out, what was said first stands, equal neighbours merge") {
  Acknowledgements said;
  said.add(0, 10, AcknowledgeType::accept, {{2, 4}, {9, 12}});
  said.add(10, 15, AcknowledgeType::accept, {{2, 4}, {9, 12}});
  said.add(5, 7, AcknowledgeType::reject);
  const auto ranges = said.take();
  REQUIRE(ranges.size() == 5);
  CHECK(ranges[0].next == 2);
  CHECK(ranges[1].type == AcknowledgeType::gap);
  CHECK(ranges[2].first == 4);
  CHECK(ranges[2].next == 9);
  CHECK(ranges[2].type == AcknowledgeType::accept);
  CHECK(ranges[3].first == 9);
  CHECK(ranges[3].next == 12);
  CHECK(ranges[3].type == AcknowledgeType::gap);
  CHECK(ranges[4].next == 15);
  CHECK(said.empty());
}

TEST_CASE("acknowledgements and open offsets: as a map of single offsets has it") {
  for (std::uint32_t seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    Acknowledgements said;
    OpenOffsets open(0, 60);
    std::map<std::int64_t, int> model_said, model_open;
    for (int offset = 0; offset < 60; ++offset) model_open[offset] = 1;
    for (int step = 0; step < 25; ++step) {
      const std::int64_t first = random() % 60, next = first + random() % 12;
      const auto type = static_cast<AcknowledgeType>(random() % 4);
      if (random() % 6 == 0) {
        said.drop(first, next);
        for (auto offset = first; offset < next; ++offset) model_said.erase(offset);
        continue;
      }
      std::vector<client::ShareReader::Gap> gaps;
      for (std::int64_t at = random() % 8; at < 60; at += 3 + random() % 20)
        gaps.push_back({at, at + 1 + random() % 2});
      for (const auto& [from, to] : open.close(first, next)) {
        for (auto offset = from; offset < to; ++offset) CHECK(model_open.erase(offset) == 1);
        CHECK(from >= first);
        CHECK(to <= next);
      }
      for (auto offset = first; offset < next; ++offset) CHECK_FALSE(model_open.contains(offset));
      CHECK(open.count() == static_cast<std::int64_t>(model_open.size()));
      said.add(first, next, type, gaps);
      for (auto offset = first; offset < next; ++offset) {
        const bool is_gap = std::any_of(gaps.begin(), gaps.end(),
                                        [&](const auto& gap) { return gap.first <= offset && offset < gap.next; });
        model_said.emplace(offset, is_gap ? 0 : static_cast<int>(type));
      }
      CHECK(said.count() == static_cast<std::int64_t>(model_said.size()));
    }
    std::map<std::int64_t, int> result;
    std::int64_t before = -1;
    int type_before = -1;
    for (const auto& range : said.take()) {
      CHECK(range.first < range.next);
      CHECK((range.first > before || static_cast<int>(range.type) != type_before));
      CHECK(range.first >= before);
      for (auto offset = range.first; offset < range.next; ++offset) result[offset] = static_cast<int>(range.type);
      before = range.next;
      type_before = static_cast<int>(range.type);
    }
    CHECK(result == model_said);
  }
}

TEST_CASE("share session: requests name what changed, and each has the next epoch") {
  ShareSession session;
  protocol::Arena arena;
  const SharePartitionKey a(id(1), 0), b(id(1), 1), c(id(2), 0);
  protocol::ShareFetchRequest request;
  CHECK_FALSE(session.open());
  session.write(request, {a, b}, {}, arena);
  CHECK(*request.share_session_epoch == 0);
  REQUIRE(request.topics->size() == 1);
  CHECK((*request.topics)[0].partitions->size() == 2);
  session.confirmed();
  CHECK(session.open());

  session.write(request, {a, b}, {}, arena);
  CHECK(*request.share_session_epoch == 1);
  CHECK(request.topics->empty());
  CHECK(request.forgotten_topics_data->empty());
  session.confirmed();

  // b is wanted no more but spoken of, c is new, and so is a word about what was never in the session.
  const SharePartitionKey d(id(3), 7);
  const std::vector<ShareSaying> said = {{b, {{5, 9, AcknowledgeType::release}}},
                                         {d, {{0, 1, AcknowledgeType::accept}}}};
  session.write(request, {a, c}, said, arena);
  CHECK(*request.share_session_epoch == 2);
  REQUIRE(request.topics->size() == 3);
  const auto& batches = *(*(*request.topics)[0].partitions)[0].acknowledgement_batches;
  REQUIRE(batches.size() == 1);
  CHECK(*batches[0].last_offset == 8);
  CHECK((*batches[0].acknowledge_types)[0] == 2);
  REQUIRE(request.forgotten_topics_data->size() == 2);
  CHECK((*request.forgotten_topics_data)[0].topic_id == id(1));
  CHECK((*request.forgotten_topics_data)[1].topic_id == id(3));
  session.confirmed();

  protocol::ShareAcknowledgeRequest last;
  session.write(last, {}, false, arena);
  CHECK(*last.share_session_epoch == 3);
  session.write(last, {}, true, arena);
  CHECK(*last.share_session_epoch == -1);
  session.reset();
  CHECK_FALSE(session.open());
}
