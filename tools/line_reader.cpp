#include "barnabas/tools/line_reader.hpp"

#include <algorithm>

namespace barnabas::tools {

bool LineReader::next(std::string_view& piece) {
  if (delimiter_.empty()) return false;
  const std::size_t found = buffer_.find(delimiter_, std::max(at_, searched_));
  if (found == std::string::npos) {
    // A delimiter of several bytes may lie across the end of what is here.
    const std::size_t tail = std::min(delimiter_.size() - 1, buffer_.size());
    searched_ = buffer_.size() - tail;
    return false;
  }
  piece = std::string_view(buffer_).substr(at_, found - at_);
  at_ = searched_ = found + delimiter_.size();
  return true;
}

bool LineReader::last(std::string_view& piece) {
  piece = std::string_view(buffer_).substr(at_);
  at_ = buffer_.size();
  return !piece.empty();
}

std::string& LineReader::buffer() {
  buffer_.erase(0, at_);
  searched_ -= std::min(searched_, at_);
  at_ = 0;
  return buffer_;
}

}  // namespace barnabas::tools
