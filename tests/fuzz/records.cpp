// One partition's bytes as a broker would send them, of any magic: walk, decompress, read every record, write again
// what was read, turn batches into message sets, print all as JSON.
#include <cstdint>
#include <cstdlib>
#include <optional>

#include "barnabas/protocol/records/aborted.hpp"
#include "barnabas/protocol/records/batch.hpp"
#include "barnabas/protocol/records/batch_json.hpp"
#include "barnabas/protocol/records/builder.hpp"
#include "barnabas/protocol/records/message_set.hpp"
#include "barnabas/protocol/records/view.hpp"

namespace {

using namespace barnabas::records;

void require(bool holds) {
  if (!holds) std::abort();
}

bool same(bytes a, bytes b) { return string(a.data(), a.size()) == string(b.data(), b.size()); }

void require_same(const RecordView& a, const RecordView& b) {
  require(a.timestamp_ms == b.timestamp_ms && a.has_key == b.has_key && a.has_value == b.has_value);
  require(same(a.key, b.key) && same(a.value, b.value) && a.header_count == b.header_count);
  auto other = b.headers().begin();
  for (const HeaderView& header : a.headers()) {
    require(header.key == other->key && header.has_value == other->has_value && same(header.value, other->value));
    ++other;
  }
}

void read(const BatchView& batch, bytes body) {
  BatchBuilder builder;
  std::vector<OwnedRecord> records;
  RecordCursor cursor(batch.header(), body);
  // A wrapper with offset 0 was not numbered yet.
  const bool numbered = !batch.header().is_legacy() || batch.header().base_offset != 0;
  int64 previous = -1;
  for (RecordView record; cursor.next(record);) {
    require(record.offset > previous && (!numbered || record.offset <= batch.header().last_offset()));
    previous = record.offset;
    records.push_back(record.own());
    require_same(record, records.back().view());
    require(builder.append(record) || !builder.empty());
  }
  require(cursor.failed() == !cursor.why().empty());
  require(cursor.failed() || cursor.index() == cursor.count());
  require(batch.header().is_legacy() || cursor.failed() || cursor.index() == batch.header().record_count);

  const std::string again = builder.finish();
  if (again.empty()) return;
  const BatchView rebuilt{bytes(again)};
  require(rebuilt.crc_ok());
  RecordCursor reread(rebuilt.header(), rebuilt.body());
  for (const OwnedRecord& expected : records) {
    RecordView record;
    if (!reread.next(record)) break;  // the builder's batch was full
    require_same(record, expected.view());
  }
  require(!reread.failed());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t bytes_max = 1 << 20;
  const bytes input(reinterpret_cast<const char*>(data), size);
  BatchWalker walker(input);
  AbortedIndex aborted({{0, 0}, {0, 10}, {1, 5}});
  Buffer buffer;
  for (BatchView batch; walker.next(batch) == BatchWalker::Step::batch;) {
    static_cast<void>(batch.crc_ok());  // right in almost no input, so nothing hangs on it here
    require(!aborted.aborted(batch) || !batch.header().is_control());
    const auto body = decompress(batch, buffer, bytes_max);
    if (!body) continue;
    read(batch, *body);
    const auto set = to_message_set(batch, 1, bytes_max);
    require(set.has_value() || !set.error().empty());
  }
  require(walker.position() <= size);
  BatchPrinter printer(input, bytes_max);
  for (std::string json; printer.next(json); json.clear()) require(json.front() == '{' && json.back() == '}');
  return 0;
}
