#include "barnabas/tools/escapes.hpp"

#include <charconv>

namespace barnabas::tools {

std::string unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      out += text[i];
      continue;
    }
    const char c = text[++i];
    unsigned value = 0;
    switch (c) {
      case 'n': out += '\n'; break;
      case 'r': out += '\r'; break;
      case 't': out += '\t'; break;
      case '0': out += '\0'; break;
      case '\\': out += '\\'; break;
      case 'x':
        if (const char* const hex = text.data() + i + 1;
            i + 2 < text.size() && std::from_chars(hex, hex + 2, value, 16).ptr == hex + 2) {
          out += static_cast<char>(value);
          i += 2;
          break;
        }
        [[fallthrough]];
      default: out += '\\', out += c;
    }
  }
  return out;
}

}  // namespace barnabas::tools
