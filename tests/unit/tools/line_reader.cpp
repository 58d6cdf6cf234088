#include "barnabas/tools/line_reader.hpp"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <vector>

using barnabas::tools::LineReader;

namespace {

/// What a reader makes of `text` that comes in pieces of `step` bytes.
std::vector<std::string> pieces(const std::string& text, const std::string& delimiter, std::size_t step) {
  LineReader reader(delimiter);
  std::vector<std::string> found;
  std::string_view piece;
  for (std::size_t at = 0; at < text.size(); at += step) {
    reader.buffer().append(text, at, step);
    while (reader.next(piece)) found.emplace_back(piece);
  }
  if (reader.last(piece)) found.emplace_back(piece);
  return found;
}

using Pieces = std::vector<std::string>;

}  // namespace

TEST_CASE("line reader: lines, however they come") {
  for (std::size_t step = 1; step < 12; ++step) {
    CAPTURE(step);
    CHECK(pieces("one\ntwo\n\nthree\n", "\n", step) == Pieces{"one", "two", "", "three"});
    CHECK(pieces("one\ntwo", "\n", step) == Pieces{"one", "two"});
    CHECK(pieces("one<>two<>>three<", "<>", step) == Pieces{"one", "two", ">three<"});
    CHECK(pieces("aXYXYXZb", "XYXZ", step) == Pieces{"aXY", "b"});
    CHECK(pieces("all\nof it\n", "", step) == Pieces{"all\nof it\n"});
    CHECK(pieces("", "\n", step).empty());
  }
}

TEST_CASE("line reader: binary pieces of any size come back as they were") {
  std::mt19937 random(1);
  Pieces wanted;
  std::string text;
  for (int i = 0; i < 200; ++i) {
    std::string piece(random() % 50, '\0');
    for (char& c : piece) c = static_cast<char>(random() % 256);
    std::erase(piece, '\n');
    text += piece + "\n";
    wanted.push_back(std::move(piece));
  }
  for (const std::size_t step : {1, 2, 3, 7, 64, 100'000}) CHECK(pieces(text, "\n", step) == wanted);
}

TEST_CASE("line reader: pending() is what waits for its delimiter, and taken bytes are forgotten") {
  LineReader reader("\n");
  std::string_view piece;
  reader.buffer() = "one\ntw";
  CHECK(reader.next(piece));
  CHECK(!reader.next(piece));
  CHECK(reader.pending() == 2);
  CHECK(reader.buffer() == "tw");
  reader.buffer() += "o\n";
  CHECK(reader.next(piece));
  CHECK(piece == "two");
  CHECK(reader.buffer().empty());
  CHECK(!reader.last(piece));
}
