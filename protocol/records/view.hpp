// Records as views: a forward-only cursor over a batch's decompressed body.
#pragma once

#include <iterator>
#include <string>
#include <type_traits>

#include "barnabas/protocol/records/batch.hpp"
#include "barnabas/protocol/records/names.hpp"
#include "barnabas/protocol/records/varint.hpp"

namespace barnabas::records {

/// One header of a record: a key that is never null, and a value that may be.
struct HeaderView {
  string key;
  bytes value;
  bool has_value = false;

  string value_text() const { return {value.data(), value.size()}; }
};

/// A record's headers, parsed as one iterates. RecordCursor has walked over them before, so iteration meets no errors.
class HeaderRange {
 public:
  class iterator {
   public:
    using value_type = HeaderView;
    using difference_type = std::ptrdiff_t;
    using iterator_category = std::input_iterator_tag;

    iterator() = default;
    iterator(const char* at, const char* end, std::size_t left) : at_(at), end_(end), left_(left) { parse(); }
    const HeaderView& operator*() const { return header_; }
    const HeaderView* operator->() const { return &header_; }
    iterator& operator++() {
      --left_;
      parse();
      return *this;
    }
    iterator operator++(int) {
      iterator before = *this;
      ++*this;
      return before;
    }
    friend bool operator==(const iterator& a, const iterator& b) { return a.left_ == b.left_; }

   private:
    void parse();

    const char* at_ = nullptr;
    const char* end_ = nullptr;
    std::size_t left_ = 0;
    HeaderView header_;
  };

  HeaderRange() = default;
  HeaderRange(bytes unparsed, std::size_t count) : unparsed_(unparsed), count_(count) {}

  iterator begin() const { return {unparsed_.data(), unparsed_.data() + unparsed_.size(), count_}; }
  iterator end() const { return {}; }
  std::size_t size() const { return count_; }
  bool empty() const { return count_ == 0; }
  /// As on the wire, without the count in front.
  bytes unparsed() const { return unparsed_; }

 private:
  bytes unparsed_;
  std::size_t count_ = 0;
};

class OwnedRecord;

/// One record. Trivially copyable; its views point into the batch's decompressed body.
struct RecordView {
  int64 offset = 0;
  int64 timestamp_ms = -1;  ///< of creation, or of the append when the batch says so; -1 = none
  bytes key;
  bytes value;
  bytes unparsed_headers;
  uint32 header_count = 0;
  bool has_key = false;    ///< false: the key is null, which is not the same as empty
  bool has_value = false;  ///< false: the value is null, a tombstone in compacted topics

  HeaderRange headers() const { return {unparsed_headers, header_count}; }
  string key_text() const { return {key.data(), key.size()}; }
  string value_text() const { return {value.data(), value.size()}; }
  /// Copies key, value and headers into memory of their own, in one allocation.
  OwnedRecord own() const;
};

/// A record that owns its bytes; movable and copyable. view() stays valid until it is moved, assigned to or destroyed.
class OwnedRecord {
 public:
  OwnedRecord() = default;
  explicit OwnedRecord(const RecordView& record);

  RecordView view() const;
  int64 offset() const { return record_.offset; }
  int64 timestamp_ms() const { return record_.timestamp_ms; }

 private:
  RecordView record_;  // sizes and flags; its pointers are stale
  std::string data_;   // key, value, unparsed headers
};

/// Reads the records of one batch, in order, without allocating. Each length is checked against the record and the
/// batch; the count must hold, a record must use its length up, and offsets must rise and stay within the batch. For a
/// message of magic 0 or 1 it reads the message, or those that it wraps; legacy.hpp says what holds for them.
class RecordCursor {
 public:
  RecordCursor() = default;
  /// `decompressed` is what decompress(batch, …) gave and must outlive the views.
  RecordCursor(const BatchHeader& header, bytes decompressed);

  /// The next record, or false at the end or at an error. Inline on purpose: it is called once a record.
  bool next(RecordView& out) {
    if (at_ == end_ || index_ == count_) return finish();
    return read(out);
  }

  bool failed() const { return failed_; }
  /// When failed: which record, and what is wrong with it.
  std::string_view why() const { return why_; }
  /// Records given out so far.
  int32 index() const { return index_; }
  /// Records that the batch says it has; of a wrapper, those that were found in it.
  int32 count() const { return count_; }

 private:
  bool finish();
  bool read(RecordView& out);
  // Known at compile time to convert to false, so that the way back from a failure costs no branch.
  using Failure = std::false_type;

  /// Where the lengths of a record's headers stood and what they were. The next record often has the same keys and
  /// values as long: then one look at each place checks it, and none waits for the one before.
  struct HeaderLayout {
    static constexpr int32 headers_max = 8;
    int32 count = 0;
    std::ptrdiff_t size = 0;
    uint16 at[2 * headers_max];
    uint8 length[2 * headers_max];
  };

  void begin_messages(const BatchHeader& header);
  bool read_message(RecordView& out);
  bool headers_as_before(const char* p, const char* end, int32 count) const;
  const char* skip_headers(const char* p, const char* end, int32 count);
  void note_header(int32 index, std::ptrdiff_t at, const char* p);
  bool take_varint(const char*& p, const char* end, std::string_view field, int32& value);
  bool take_length(const char*& p, const char* end, std::string_view field, int32 min, int32& length);
  bool take_data(const char*& p, const char* end, std::string_view field, bytes& data, bool& has);
  [[gnu::cold]] Failure fail(std::string_view what);
  [[gnu::cold]] Failure fail_varint(std::string_view field, const char* p, const char* end, int bytes_max);
  [[gnu::cold]] Failure fail_length(std::string_view field, int64 length, std::ptrdiff_t left);
  [[gnu::cold]] Failure fail_offset(int32 delta);
  [[gnu::cold]] Failure fail_left_over(std::ptrdiff_t size);

  const char* at_ = nullptr;
  const char* end_ = nullptr;
  int64 base_offset_ = 0;
  int64 base_timestamp_ = 0;
  int64 append_time_ = 0;
  int32 index_ = 0;
  int32 count_ = 0;
  int32 last_offset_delta_ = 0;
  int32 previous_delta_ = -1;
  int8 magic_ = 2;
  bool log_append_time_ = false;
  bool failed_ = false;
  // Of messages of magic 0 and 1 only.
  bool wrapped_ = false;
  bool numbered_ = true;
  int64 first_offset_ = 0;      // what the offsets inside count from
  int64 previous_offset_ = -1;  // as it stands inside
  HeaderLayout layout_;
  std::string why_;
};

/// What a control batch's record says (KIP-98). Those above commit stand in the cluster's own metadata log (KIP-595).
enum class ControlType : int16 {
  abort = 0,
  commit = 1,
  leader_change = 2,
  snapshot_header = 3,
  snapshot_footer = 4,
  kraft_version = 5,
  kraft_voters = 6,
};

/// The type in a control record's key (i16 version, i16 type); empty when the key is too short to have one.
std::optional<int16> control_type(const RecordView& record);

}  // namespace barnabas::records
