#include "barnabas/tools/hex.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>

namespace barnabas::tools {
namespace {

constexpr std::size_t piece_bytes = std::size_t{1} << 16;

constexpr auto digit_values = [] {
  std::array<signed char, 256> values{};
  values.fill(-1);
  for (int i = 0; i < 16; ++i) {
    values[static_cast<unsigned char>("0123456789abcdef"[i])] = static_cast<signed char>(i);
    values[static_cast<unsigned char>("0123456789ABCDEF"[i])] = static_cast<signed char>(i);
  }
  return values;
}();

bool is_for_the_eye(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == ':'; }

}  // namespace

void append_hex(std::string& out, std::string_view data) {
  const std::size_t begin = out.size();
  out.resize(begin + 2 * data.size());
  char* to = out.data() + begin;
  for (const char c : data) {
    *to++ = "0123456789abcdef"[static_cast<unsigned char>(c) >> 4];
    *to++ = "0123456789abcdef"[static_cast<unsigned char>(c) & 15];
  }
}

std::optional<std::string> parse_hex(std::string_view text) {
  const auto value = [](char c) { return digit_values[static_cast<unsigned char>(c)]; };
  std::string out;
  out.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size();) {
    if (is_for_the_eye(text[i])) {
      ++i;
      continue;
    }
    if (i + 1 == text.size() || value(text[i]) < 0 || value(text[i + 1]) < 0) return std::nullopt;
    out += static_cast<char>(value(text[i]) << 4 | value(text[i + 1]));
    i += 2;
  }
  return out;
}

std::expected<std::string, std::string> argument_text(const std::string& argument) {
  if (argument != "-" && !argument.starts_with('@')) return argument;
  const auto failed = [&](const std::string& name) {
    return std::unexpected("could not read " + name + ": " + std::generic_category().message(errno));
  };
  const std::string name = argument == "-" ? "standard input" : argument.substr(1);
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> opened(nullptr, std::fclose);
  std::FILE* file = stdin;
  if (argument != "-") {
    opened.reset(std::fopen(name.c_str(), "rb"));
    if (!opened) return failed(name);
    file = opened.get();
  }
  std::string text;
  std::size_t got = 0;
  do {
    const std::size_t before = text.size();
    text.resize(before + piece_bytes);
    got = std::fread(text.data() + before, 1, piece_bytes, file);
    text.resize(before + got);
  } while (got > 0);
  if (std::ferror(file) != 0) return failed(name);
  return text;
}

}  // namespace barnabas::tools
