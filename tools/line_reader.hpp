// Takes a stream of bytes apart at a delimiter.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace barnabas::tools {

/// Bytes are appended to buffer() as they come; next() takes pieces from the front.
class LineReader {
 public:
  /// An empty delimiter makes one piece of everything.
  explicit LineReader(std::string delimiter) : delimiter_(std::move(delimiter)) {}

  /// The next piece without its delimiter; false when it is not complete yet. The view lives until buffer() is called.
  bool next(std::string_view& piece);
  /// At the end of the stream: what stands behind the last delimiter; false when that is nothing.
  bool last(std::string_view& piece);
  /// Where to append. Forgets what was taken.
  std::string& buffer();
  /// Bytes of the piece that is not complete yet.
  std::size_t pending() const { return buffer_.size() - at_; }

 private:
  std::string delimiter_;
  std::string buffer_;
  std::size_t at_ = 0;
  std::size_t searched_ = 0;  // no delimiter begins before here
};

}  // namespace barnabas::tools
