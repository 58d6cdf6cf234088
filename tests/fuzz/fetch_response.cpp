// Any bytes as a Fetch response for the pull reader: no crash, and where the codec reads the response too, both find
// the same partitions.
//   byte 0   version
//   the rest the body
#include <cstdlib>

#include "barnabas/protocol/codec.hpp"
#include "barnabas/protocol/fetch_reader.hpp"
#include "barnabas/protocol/messages/fetch.hpp"

namespace {

using namespace barnabas::protocol;

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const auto version = static_cast<int16>(data[0] % (FetchResponse::api.versions.hi + 1));
  const bytes body(reinterpret_cast<const char*>(data) + 1, size - 1);

  FetchReader reader(body, version);
  std::vector<int64> watermarks;
  for (FetchedPartition partition; reader.next(partition);) {
    watermarks.push_back(partition.high_watermark);
    require(partition.records.size() <= size && watermarks.size() <= size);
  }
  require(!reader.failed() || reader.failed_at() <= body.size());

  Arena arena;
  const auto whole = decode<FetchResponse>(body, version, arena, lenient);
  if (!whole) return 0;
  require(!reader.failed());
  std::size_t i = 0;
  for (const auto& topic : whole->responses) {
    for (const auto& partition : topic.partitions) {
      require(i < watermarks.size() && watermarks[i] == partition.high_watermark);
      ++i;
    }
  }
  require(i == watermarks.size());
  return 0;
}
