// Batches as JSON: printed, read back, and refused.
#include <doctest/doctest.h>

#include "barnabas/protocol/records/batch_json.hpp"
#include "barnabas/protocol/records/message_set.hpp"
#include "records_support.hpp"

namespace barnabas::records {
namespace {

using namespace testing;

std::vector<std::string> printed(const std::string& set, std::size_t bytes_max = 1 << 20) {
  BatchPrinter printer(bytes(set), bytes_max);
  std::vector<std::string> all;
  for (std::string line; printer.next(line); line.clear()) all.push_back(line);
  CHECK_FALSE(printer.next(all.emplace_back()));
  all.pop_back();
  return all;
}

std::string only(const std::string& set) {
  const auto all = printed(set);
  REQUIRE(all.size() == 1);
  return all[0];
}

std::string encoded(const std::string& json) {
  const auto set = batches_from_json(json);
  return set ? *set : "refused: " + set.error();
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

const std::string golden = unhex(
    "000000000000002a 0000004f 00000007 02 147926fd 0000 00000001 0000018bcfe56800 0000018bcfe56864"
    "ffffffffffffffff ffff ffffffff 00000002"
    "2a 00 00 00 06 6b6579 0a 76616c7565 04 02 68 02 78 02 6e 01"
    "0e 00 c801 02 01 00 00");

TEST_CASE("records JSON: a batch, letter by letter") {
  const std::string json =
      R"({"position":0,"base_offset":42,"last_offset":43,"length":79,"partition_leader_epoch":7,"magic":2,)"
      R"("crc":343484157,"crc_ok":true,"compression":"none","timestamp_type":"CreateTime","is_transactional":false,)"
      R"("is_control":false,"delete_horizon_ms":null,"last_offset_delta":1,"base_timestamp":1700000000000,)"
      R"("max_timestamp":1700000000100,"producer_id":-1,"producer_epoch":-1,"base_sequence":-1,"record_count":2,)"
      R"("records":[{"offset":42,"timestamp":1700000000000,"key":"a2V5","value":"dmFsdWU=","headers":)"
      R"([{"key":"h","value":"eA=="},{"key":"n","value":null}]},)"
      R"({"offset":43,"timestamp":1700000000100,"key":null,"value":"","headers":[]}]})";
  CHECK(only(golden) == json);
  CHECK((encoded(json) == golden));
}

TEST_CASE("records JSON: messages of magic 0 and 1, letter by letter") {
  MessageSetBuilder v1{MessageSetOptions(1)};
  v1.append(70, "k", std::nullopt);
  const std::string set = v1.finish(5);
  CHECK(has(only(set), R"({"position":0,"base_offset":5,"last_offset":5,"length":23,"magic":1,"crc":)"));
  CHECK(has(only(set),
            R"("crc_ok":true,"compression":"none","timestamp_type":"CreateTime","max_timestamp":70,"records":)"
            R"([{"offset":5,"timestamp":70,"key":"aw==","value":null,"headers":[]}]})"));
  MessageSetBuilder v0{MessageSetOptions(0, Codec::lz4)};
  v0.append(70, "k", "v");
  v0.append(70, "k", "v");
  const std::string wrapper = v0.finish(5);
  CHECK(has(only(wrapper), R"("base_offset":5,"last_offset":6,)"));
  CHECK(has(only(wrapper), R"("compression":"lz4","timestamp_type":"NoTimestampType","max_timestamp":-1,)"));
}

TEST_CASE("records JSON: what is printed is read back, byte for byte when nothing is compressed") {
  std::vector<std::string> sets;
  for (Codec codec : all_codecs) {
    BatchOptions options(codec);
    options.producer_id = 9;
    options.producer_epoch = 2;
    options.base_sequence = 77;
    options.leader_epoch = 4;
    options.transactional = true;
    BatchBuilder builder(options);
    builder.skip(2);
    builder.append(100, "a", "1", {{"h", bytes(string("x")), true}});
    builder.skip(3);
    builder.append(90, std::nullopt, std::nullopt);
    builder.skip(1);
    sets.push_back(builder.finish(1000));
    std::string appended = sets.back();
    stamp_log_append_time(std::span<char>(appended), 5000);
    // What the records' own times were is seen by no reader, and not kept.
    const std::string before = only(appended), after = only(encoded(before));
    CHECK(has(before, "\"timestamp_type\":\"LogAppendTime\""));
    CHECK(has(after, "\"timestamp_type\":\"LogAppendTime\""));
    CHECK(has(after, "\"max_timestamp\":5000"));
    CHECK((before.substr(before.find("\"records\":")) == after.substr(after.find("\"records\":"))));
    options.delete_horizon_ms = 12;
    BatchBuilder horizon(options);
    horizon.append(100, "a", "1");
    sets.push_back(horizon.finish(3));
  }
  sets.push_back(control_batch(4, 1, 2, ControlType::abort, 3, 9));
  BatchBuilder nothing;
  nothing.skip(4);
  sets.push_back(nothing.finish(6));
  for (int8 magic : {int8{0}, int8{1}}) {
    for (Codec codec : {Codec::none, Codec::gzip, Codec::snappy, Codec::lz4}) {
      MessageSetOptions options(magic, codec);
      for (int appended = 0; appended <= magic; ++appended) {
        if (appended != 0) options.log_append_time_ms = 99;
        MessageSetBuilder builder(options);
        builder.append(7, "k", "v");
        builder.skip(2);
        builder.append(5, std::nullopt, "w");
        sets.push_back(builder.finish(40));
      }
    }
  }
  std::string all_sets, all_json;
  for (const std::string& set : sets) {
    std::string json;
    for (const std::string& line : printed(set)) json += line + "\n";
    CAPTURE(json);
    const std::string again = encoded(json);
    CHECK((again == set));
    all_sets += set;
    all_json += json;
  }
  CHECK((encoded(all_json) == all_sets));
  std::string list = all_json;
  for (char& c : list) c = c == '\n' ? ',' : c;
  list.pop_back();
  CHECK((encoded("[" + list + "]") == all_sets));
  CHECK((encoded("{\"more\":1,\"batches\":[" + list + "]}") == all_sets));
}

TEST_CASE("records JSON: what is left out is filled in") {
  const std::string set = encoded(R"({"records":[{"value":"djE="},{"timestamp":50,"offset":3},{}]})");
  const Collected all = collect(bytes(set));
  REQUIRE(all.records.size() == 3);
  CHECK(all.records[0].offset() == 0);
  CHECK(all.records[1].offset() == 3);
  CHECK(all.records[2].offset() == 4);
  CHECK(all.records[0].view().value_text() == "v1");
  CHECK(all.records[1].timestamp_ms() == 50);
  const BatchHeader header = BatchHeader::load(set.data());
  CHECK(header.last_offset() == 4);
  CHECK(header.base_timestamp == -1);
  CHECK(header.max_timestamp == 50);
  CHECK(BatchHeader::load(encoded(R"({"records":[{"offset":12}]})").data()).base_offset == 12);
  CHECK(BatchHeader::load(encoded(R"({"last_offset":7,"records":[]})").data()).last_offset_delta == 7);
  CHECK(BatchHeader::load(encoded(R"({"base_offset":9223372036854775806,"records":[{}]})").data()).next_offset() ==
        std::numeric_limits<int64>::max());
  CHECK(BatchHeader::load(encoded(R"({"base_offset":5,"last_offset":7})").data()).last_offset_delta == 2);
}

TEST_CASE("records JSON: refused batches are told, and what follows them is printed") {
  std::string damaged = golden;
  damaged[70] ^= 1;
  BatchBuilder bomb{BatchOptions(Codec::zstd)};
  bomb.append(0, std::nullopt, std::string(500'000, 'v'));
  std::string miscounted = golden;
  miscounted[60] = 3;
  seal_batch(std::span<char>(miscounted));
  std::string odd = golden;
  odd[22] = 6;
  seal_batch(std::span<char>(odd));
  const auto lines =
      printed(damaged + golden + bomb.finish() + miscounted + odd + golden + golden.substr(0, 50), 100'000);
  REQUIRE(lines.size() == 7);
  CHECK(has(lines[0], R"("crc_ok":false)"));
  CHECK(has(lines[0], R"("error":"the CRC-32C does not match"})"));
  CHECK(has(lines[1], R"("position":91,)"));
  CHECK(has(lines[1], "\"records\":"));
  CHECK(has(lines[2], "\"error\":\"zstd"));
  CHECK(has(lines[3], "\"error\":\"record 2 of 3"));
  CHECK(has(lines[4], R"("compression":"unknown codec 6")"));
  CHECK(has(lines[4], "\"error\":\"compression codec 6"));
  CHECK(has(lines[5], "\"records\":"));
  CHECK(has(lines[6], R"({"error":"the last batch is cut short","position":)"));
  CHECK(has(only("no batch at all, just text"), R"({"error":"not a record batch at byte 0)"));
  CHECK(printed("").empty());
  BatchPrinter counting(bytes(damaged), 100);
  std::string out;
  counting.next(out);
  CHECK(counting.refused() == 1);
}

TEST_CASE("records JSON: what cannot be written is refused, with its place") {
  const auto why = [](const std::string& json, const std::string& part) {
    CAPTURE(json);
    const std::string answer = encoded(json);
    CAPTURE(answer);
    CHECK(has(answer, "refused: "));
    CHECK(has(answer, part));
  };
  why("", "no JSON");
  why("17", "neither a batch");
  why("{\"records\":[}", "");
  why("{\"records\":[{}]} {\"records\":", "");
  why(R"({"records":[]})", "last_offset");
  why(R"({"magic":3,"records":[{}]})", "magic 3");
  why(R"({"records":[{},{"value":"x"}]})", "records[1].value: not base64");
  why(R"({"records":[{},{"offset":"1"}]})", "records[1].offset");
  why(R"([{"records":[{"offset":4},{"offset":4}]}])", "[0].records[1]: offset 4");
  why(R"({"base_offset":5,"records":[{"offset":4}]})", "records[0]: offset 4");
  why(R"({"records":[{"offset":0},{"offset":3000000000}]})", "records[1]");
  why(R"({"records":[{"offset":1},{"offset":9223372036854775807}]})", "records[1]");
  why(R"({"records":[{"offset":-9223372036854775808}]})", "base_offset");
  why(R"({"base_offset":-1,"records":[{}]})", "base_offset");
  why(R"({"base_offset":9223372036854775807,"records":[{}]})", "base_offset");
  why(R"({"base_offset":9223372036854775806,"records":[{},{}]})", "records[1]");
  why(R"({"base_offset":9223372036854775800,"last_offset_delta":7,"records":[{}]})", "last_offset_delta");
  why(R"({"last_offset":-5,"records":[{}]})", "last_offset");
  why(R"({"compression":"lzo","records":[{}]})", "compression");
  why(R"({"is_control":1,"records":[{}]})", "is_control");
  why(R"({"producer_epoch":40000,"records":[{}]})", "producer_epoch");
  why(R"({"records":[{"headers":[{}]}]})", "records[0].headers[0]");
  why(R"({"records":[7]})", "records[0]");
  why(R"({"records":7})", "records: not an array");
  why(R"({"magic":1,"records":[]})", "needs a record");
  why(R"({"magic":1,"compression":"zstd","records":[{}]})", "zstd");
  why(R"({"magic":0,"records":[{"headers":[{"key":"h"}]}]})", "headers");
  why(R"({"magic":1,"last_offset":3,"records":[{}]})", "last_offset");
  why(R"({"batches":3})", "batches: not an array");
}

TEST_CASE("records JSON: any text is an answer or a refusal") {
  std::mt19937_64 random(5);
  const std::string sound = only(golden);
  for (int round = 0; round < 3000; ++round) {
    std::string json = sound;
    for (uint64 i = 0; i <= random() % 3; ++i) json[random() % json.size()] = static_cast<char>(random() % 128);
    const auto set = batches_from_json(json);
    if (set) REQUIRE(!printed(*set).empty());
    if (!set) REQUIRE(!set.error().empty());
  }
}

}  // namespace
}  // namespace barnabas::records
