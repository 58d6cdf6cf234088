#include <doctest/doctest.h>

#include <libdeflate.h>
#include <lz4frame.h>
#include <snappy.h>
#include <zstd.h>

#include <thread>

#include "barnabas/protocol/records/compression.hpp"
#include "records_support.hpp"

namespace barnabas::records {
namespace {

using namespace testing;
using Kind = CompressionError::Kind;

constexpr std::size_t plenty = 64 << 20;

std::string compressed(Codec codec, string text, int level = default_level) {
  Buffer out;
  const auto size = compress(codec, text, out, level);
  REQUIRE(size.has_value());
  REQUIRE(*size == out.size());
  return text_of(out.view());
}

// The text, or the kind of error as a word.
std::string decompressed(Codec codec, string in, std::size_t bytes_max = plenty) {
  Buffer out;
  const auto text = decompress(codec, in, out, bytes_max);
  if (text) return text_of(*text);
  CHECK(!text.error().what.empty());
  switch (text.error().kind) {
    case Kind::corrupt: return "corrupt";
    case Kind::too_large: return "too large";
    case Kind::unsupported: return "unsupported";
    case Kind::failed: break;
  }
  return "failed";
}

std::string zstd_frame(const std::string& text, bool with_size, int window_log = 0) {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, with_size ? 1 : 0);
  if (window_log != 0) ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, window_log);
  std::string out(ZSTD_compressBound(text.size()), '\0');
  ZSTD_outBuffer to{out.data(), out.size(), 0};
  ZSTD_inBuffer from{text.data(), text.size(), 0};
  if (with_size) ZSTD_CCtx_setPledgedSrcSize(context, text.size());
  // In two steps, so that the library cannot know the size at the first one.
  ZSTD_compressStream2(context, &to, &from, ZSTD_e_continue);
  const std::size_t left = ZSTD_compressStream2(context, &to, &from, ZSTD_e_end);
  ZSTD_freeCCtx(context);
  REQUIRE(left == 0);
  out.resize(to.pos);
  return out;
}

std::string lz4_frame(const std::string& text, LZ4F_frameInfo_t info) {
  LZ4F_preferences_t preferences{};
  preferences.frameInfo = info;
  if (info.contentSize != 0) preferences.frameInfo.contentSize = text.size();
  std::string out(LZ4F_compressFrameBound(text.size(), &preferences), '\0');
  out.resize(LZ4F_compressFrame(out.data(), out.size(), text.data(), text.size(), &preferences));
  return out;
}

std::string bare_snappy(const std::string& text) {
  std::string out;
  snappy::Compress(text.data(), text.size(), &out);
  return out;
}

std::string xerial_header() { return std::string("\x82SNAPPY\0", 8) + be<int32>(1) + be<int32>(1); }
std::string xerial_block(const std::string& block) { return be(static_cast<int32>(block.size())) + block; }

TEST_CASE("compression: codec names") {
  for (Codec codec : all_codecs) CHECK(parse_codec(name(codec)) == codec);
  CHECK(name(Codec::zstd) == "zstd");
  CHECK(name(static_cast<Codec>(7)) == "unknown");
  CHECK(!parse_codec("unknown"));
  CHECK(!parse_codec("LZ4"));
}

TEST_CASE("compression: round trips of many sizes and kinds of text") {
  for (Codec codec : all_codecs) {
    CAPTURE(name(codec));
    for (std::size_t size : {0, 1, 2, 100, 32'767, 32'768, 32'769, 65'535, 65'536, 65'537, 200'000, 1 << 20}) {
      CAPTURE(size);
      for (const std::string& text : {log_text(size), random_text(size), std::string(size, '\0')}) {
        CHECK((decompressed(codec, compressed(codec, text)) == text));
      }
    }
  }
}

TEST_CASE("compression: levels outside of a codec's range are brought into it") {
  const std::string text = log_text(10'000);
  for (Codec codec : real_codecs) {
    for (int level : {-1'000'000, -1, 0, 1, 9, 12, 1000}) {
      CHECK((decompressed(codec, compressed(codec, text, level)) == text));
    }
  }
  CHECK(compressed(Codec::gzip, text, 9).size() < compressed(Codec::gzip, text, 1).size());
}

TEST_CASE("compression: the bound is exact") {
  const std::string text = log_text(100'000);
  for (Codec codec : all_codecs) {
    CAPTURE(name(codec));
    const std::string in = compressed(codec, text);
    CHECK((decompressed(codec, in, text.size()) == text));
    CHECK(decompressed(codec, in, text.size() - 1) == "too large");
    CHECK(decompressed(codec, in, 1) == "too large");
    CHECK(decompressed(codec, in, 0) == "too large");
  }
}

TEST_CASE("compression: what is empty fits into nothing") {
  for (Codec codec : all_codecs) CHECK(decompressed(codec, compressed(codec, ""), 0) == "");
}

TEST_CASE("compression: an input cut short anywhere is an error") {
  const std::string text = log_text(400);
  for (Codec codec : real_codecs) {
    CAPTURE(name(codec));
    const std::string in = codec == Codec::snappy ? bare_snappy(text) : compressed(codec, text);
    for (std::size_t size = 0; size < in.size(); ++size) {
      CAPTURE(size);
      CHECK(decompressed(codec, string(in).substr(0, size)) == "corrupt");
    }
  }
}

TEST_CASE("compression: xerial's blocks cut short are an error, or less text at a block's end") {
  const std::string text = random_text(100'000);
  const std::string in = compressed(Codec::snappy, text);
  std::size_t whole_blocks = 0;
  for (std::size_t size = 0; size < in.size(); ++size) {
    const std::string out = decompressed(Codec::snappy, string(in).substr(0, size));
    if (out == "corrupt") continue;
    ++whole_blocks;
    REQUIRE(out.size() % 32'768 == 0);
    REQUIRE((text.substr(0, out.size()) == out));
  }
  CHECK(whole_blocks == 4);  // 0 to 3 of the 4 blocks
}

TEST_CASE("compression: random damage never crashes, and never exceeds the bound") {
  std::mt19937_64 random(7);
  const std::string text = log_text(3000);
  Buffer out;
  for (Codec codec : real_codecs) {
    const std::string in = compressed(codec, text);
    for (int round = 0; round < 3000; ++round) {
      std::string damaged = in;
      for (uint64 i = 0; i <= random() % 4; ++i) damaged[random() % damaged.size()] = static_cast<char>(random());
      const auto result = decompress(codec, damaged, out, 5000);
      if (result) REQUIRE(result->size() <= 5000);
      if (!result) REQUIRE(result.error().what.find(name(codec)) == 0);
    }
    REQUIRE(out.capacity() <= 5001);
  }
}

TEST_CASE("compression: a bomb is refused before it takes more memory than allowed") {
  const std::string zeros(plenty, '\0');
  constexpr std::size_t bytes_max = 1 << 20;
  const auto refused = [&](Codec codec, const std::string& in) {
    CAPTURE(name(codec));
    Buffer out;
    const auto result = decompress(codec, in, out, bytes_max);
    REQUIRE(!result.has_value());
    CHECK(result.error().kind == Kind::too_large);
    CHECK(result.error().what.find(std::to_string(bytes_max)) != std::string::npos);
    CHECK(out.capacity() <= bytes_max + 1);
  };
  for (Codec codec : real_codecs) refused(codec, compressed(codec, zeros));
  refused(Codec::snappy, bare_snappy(zeros));
  refused(Codec::zstd, zstd_frame(zeros, false));
  refused(Codec::gzip, compressed(Codec::gzip, zeros) + compressed(Codec::gzip, "a small last member"));
  LZ4F_frameInfo_t with_size{};
  with_size.contentSize = 1;
  refused(Codec::lz4, lz4_frame(zeros, with_size));
}

TEST_CASE("compression: a short input that claims to be huge gets little memory") {
  constexpr std::size_t bytes_max = std::size_t{1} << 40;
  const auto memory_taken = [&](Codec codec, const std::string& in) {
    Buffer out;
    const auto result = decompress(codec, in, out, bytes_max);
    CHECK(!result.has_value());
    return out.capacity();
  };
  CHECK(memory_taken(Codec::snappy, unhex("ffffffff0f") + "x") == 0);
  CHECK(memory_taken(Codec::snappy, xerial_header() + xerial_block(unhex("ffffffff0f") + "x")) == 0);

  std::string gzip = compressed(Codec::gzip, "small");
  for (std::size_t i = gzip.size() - 4; i < gzip.size(); ++i) gzip[i] = '\xff';
  CHECK(memory_taken(Codec::gzip, gzip) <= 1 << 20);

  // A zstd frame with an 8-byte content size and one empty last block.
  const std::string zstd = unhex("28b52ffd e0") + std::string("\0\0\0\0\1\0\0\0", 8) + unhex("010000");
  CHECK(memory_taken(Codec::zstd, zstd) <= 1 << 20);
}

TEST_CASE("compression: a result that needs more memory than the first guess arrives whole") {
  const std::string zeros(10'000'000, '\0');
  CHECK((decompressed(Codec::zstd, zstd_frame(zeros, false)) == zeros));
  CHECK((decompressed(Codec::lz4, compressed(Codec::lz4, zeros)) == zeros));
  CHECK((decompressed(Codec::gzip, compressed(Codec::gzip, zeros) + compressed(Codec::gzip, "!")) == zeros + "!"));
  CHECK((decompressed(Codec::zstd, zstd_frame(zeros, false), zeros.size()) == zeros));
  CHECK(decompressed(Codec::zstd, zstd_frame(zeros, false), zeros.size() - 1) == "too large");
}

TEST_CASE("compression: several gzip members in a row") {
  const std::string a = log_text(5000, 1), b = log_text(70, 2), c = log_text(300'000, 3);
  const auto member = [](const std::string& text) { return compressed(Codec::gzip, text); };
  CHECK((decompressed(Codec::gzip, member(a) + member(b)) == a + b));
  CHECK((decompressed(Codec::gzip, member(b) + member(a)) == b + a));
  CHECK((decompressed(Codec::gzip, member(a) + member(c) + member(b)) == a + c + b));
  CHECK((decompressed(Codec::gzip, member("") + member(a) + member("")) == a));
  CHECK(decompressed(Codec::gzip, member(a) + "left over") == "corrupt");
  CHECK(decompressed(Codec::gzip, member(a) + member(b).substr(0, 12)) == "corrupt");
}

TEST_CASE("compression: a gzip trailer that lies is an error, both ways") {
  for (std::size_t byte : {1, 4, 5, 8}) {  // from the end: 1-4 the size, 5-8 the checksum
    std::string in = compressed(Codec::gzip, log_text(1000));
    in[in.size() - byte] ^= 1;
    CHECK(decompressed(Codec::gzip, in) == "corrupt");
  }
}

TEST_CASE("compression: a gzip header with a file name is read") {
  const std::string plain = compressed(Codec::gzip, "text");
  std::string named = plain.substr(0, 10) + std::string("name\0", 5) + plain.substr(10);
  named[3] = 8;  // FNAME
  CHECK(decompressed(Codec::gzip, named) == "text");
}

TEST_CASE("compression: snappy is read bare, in xerial frames, and in xerial streams in a row") {
  const std::string a = log_text(40'000, 1), b = log_text(10, 2);
  CHECK((decompressed(Codec::snappy, bare_snappy(a)) == a));
  const std::string framed = xerial_header() + xerial_block(bare_snappy(a)) + xerial_block(bare_snappy(b));
  CHECK((decompressed(Codec::snappy, framed) == a + b));
  CHECK((decompressed(Codec::snappy, framed + xerial_header() + xerial_block(bare_snappy(b))) == a + b + b));
  CHECK(decompressed(Codec::snappy, xerial_header()) == "");
  CHECK((decompressed(Codec::snappy, xerial_header() + xerial_block(bare_snappy("")) + xerial_block(bare_snappy(b))) ==
         b));
}

TEST_CASE("compression: what is written as snappy begins with xerial's header and holds blocks of 32 KiB") {
  const std::string in = compressed(Codec::snappy, random_text(40'000));
  REQUIRE(in.size() > 20);
  CHECK((in.substr(0, 16) == xerial_header()));
  const auto first = static_cast<std::size_t>(load_be<int32>(in.data() + 16));
  std::size_t size = 0;
  REQUIRE(snappy::GetUncompressedLength(in.data() + 20, first, &size));
  CHECK(size == 32'768);
}

TEST_CASE("compression: wrong block lengths in xerial frames") {
  const std::string block = bare_snappy("text");
  const std::string good = xerial_header() + xerial_block(block);
  REQUIRE(decompressed(Codec::snappy, good) == "text");
  for (int32 length : {-1, 0, 1, static_cast<int32>(block.size()) - 1, static_cast<int32>(block.size()) + 1,
                       std::numeric_limits<int32>::max(), std::numeric_limits<int32>::min()}) {
    CAPTURE(length);
    CHECK(decompressed(Codec::snappy, xerial_header() + be(length) + block) == "corrupt");
    CHECK(decompressed(Codec::snappy, good + be(length) + block) == "corrupt");
  }
  CHECK(decompressed(Codec::snappy, good + "xyz") == "corrupt");
}

TEST_CASE("compression: a bare snappy block of nothing has one byte") {
  CHECK(decompressed(Codec::snappy, std::string(1, '\0')) == "");
  CHECK(decompressed(Codec::snappy, std::string(2, '\0')) == "corrupt");
  CHECK(decompressed(Codec::snappy, "") == "corrupt");
}

TEST_CASE("compression: lz4 frames of every make, alone and in a row") {
  const std::string text = log_text(300'000);
  std::string row, expected;
  for (LZ4F_blockSizeID_t size : {LZ4F_max64KB, LZ4F_max256KB, LZ4F_max1MB, LZ4F_max4MB}) {
    for (int make = 0; make < 16; ++make) {
      LZ4F_frameInfo_t info{};
      info.blockSizeID = size;
      info.blockMode = (make & 1) != 0 ? LZ4F_blockIndependent : LZ4F_blockLinked;
      info.contentChecksumFlag = (make & 2) != 0 ? LZ4F_contentChecksumEnabled : LZ4F_noContentChecksum;
      info.blockChecksumFlag = (make & 4) != 0 ? LZ4F_blockChecksumEnabled : LZ4F_noBlockChecksum;
      info.contentSize = (make & 8) != 0 ? 1 : 0;
      const std::string frame = lz4_frame(text, info);
      CHECK((decompressed(Codec::lz4, frame) == text));
      row += frame;
      expected += text;
    }
  }
  CHECK((decompressed(Codec::lz4, row) == expected));
  CHECK((decompressed(Codec::lz4, row, expected.size()) == expected));
  CHECK(decompressed(Codec::lz4, row, expected.size() - 1) == "too large");
  const std::string skippable = unhex("502a4d18 03000000 616263");
  CHECK(decompressed(Codec::lz4, skippable + compressed(Codec::lz4, "text")) == "text");
  CHECK(decompressed(Codec::lz4, compressed(Codec::lz4, "text") + skippable) == "text");
  CHECK(decompressed(Codec::lz4, compressed(Codec::lz4, "text") + "left over") == "corrupt");
}

TEST_CASE("compression: an lz4 frame whose checksum does not hold") {
  LZ4F_frameInfo_t info{};
  info.contentChecksumFlag = LZ4F_contentChecksumEnabled;
  std::string frame = lz4_frame("some text", info);
  frame.back() ^= 1;
  CHECK(decompressed(Codec::lz4, frame) == "corrupt");
}

TEST_CASE("compression: what is written as lz4 is one frame of independent blocks without sizes and checksums") {
  const std::string in = compressed(Codec::lz4, log_text(200'000));
  CHECK((in.substr(0, 4) == unhex("04224d18")));
  CHECK(in[4] == 0x60);  // version 1, blocks independent, nothing else
  CHECK(in[5] == 0x40);  // 64 KiB
}

TEST_CASE("compression: zstd frames with and without content size, in a row, among skippable ones") {
  const std::string a = log_text(200'000, 1), b = log_text(90, 2);
  CHECK((decompressed(Codec::zstd, zstd_frame(a, true)) == a));
  REQUIRE(ZSTD_getFrameContentSize(zstd_frame(a, false).data(), 18) == ZSTD_CONTENTSIZE_UNKNOWN);
  CHECK((decompressed(Codec::zstd, zstd_frame(a, false)) == a));
  CHECK((decompressed(Codec::zstd, zstd_frame(a, false) + zstd_frame(b, true)) == a + b));
  CHECK((decompressed(Codec::zstd, zstd_frame(b, true) + zstd_frame(a, true)) == b + a));
  const std::string skippable = unhex("5f2a4d18 03000000 616263");
  CHECK((decompressed(Codec::zstd, skippable + zstd_frame(b, false) + skippable) == b));
  CHECK(decompressed(Codec::zstd, zstd_frame(b, true) + "left over") == "corrupt");
}

TEST_CASE("compression: a zstd frame may ask for a huge window; no memory is taken for it") {
  const std::string text = log_text(5000);
  const std::string in = zstd_frame(text, false, 27);
  Buffer out;
  const auto result = decompress(Codec::zstd, in, out, plenty);
  REQUIRE(result.has_value());
  CHECK((text_of(*result) == text));
  CHECK(out.capacity() < 1 << 20);
}

TEST_CASE("compression: codecs that nobody has defined") {
  Buffer out;
  for (int codec : {5, 6, 7}) {
    CHECK(decompressed(static_cast<Codec>(codec), "text") == "unsupported");
    CHECK(!compress(static_cast<Codec>(codec), string("text"), out).has_value());
  }
}

TEST_CASE("compression: memory is reused from one batch to the next") {
  Buffer out;
  for (Codec codec : real_codecs) {
    const std::string large = compressed(codec, log_text(500'000)), small = compressed(codec, log_text(1000));
    REQUIRE(decompress(codec, large, out, plenty).has_value());
    const char* const where = out.data();
    const std::size_t capacity = out.capacity();
    REQUIRE(decompress(codec, small, out, plenty).has_value());
    REQUIRE(decompress(codec, large, out, plenty).has_value());
    CHECK(out.data() == where);
    CHECK(out.capacity() == capacity);
  }
}

TEST_CASE("compression: a broken input leaves nothing behind that disturbs the next one") {
  // lz4 1.9.4 remembers a failed frame's declared size through its own reset.
  LZ4F_frameInfo_t with_size{};
  with_size.contentSize = 1;
  const std::string declaring = lz4_frame(log_text(50'000), with_size);
  CHECK(decompressed(Codec::lz4, string(declaring).substr(0, declaring.size() / 2)) == "corrupt");
  CHECK(decompressed(Codec::lz4, compressed(Codec::lz4, "text")) == "text");
  CHECK(decompressed(Codec::lz4, declaring, 100) == "too large");
  CHECK(decompressed(Codec::lz4, compressed(Codec::lz4, "text")) == "text");

  const std::string text = log_text(50'000);
  for (Codec codec : real_codecs) {
    const std::string in = compressed(codec, text);
    for (std::size_t cut : {in.size() / 2, in.size() / 3, in.size() - 1}) {
      CHECK((decompressed(codec, string(in).substr(0, cut)) != text));
      CHECK((decompressed(codec, in) == text));
    }
  }
}

TEST_CASE("compression: threads do not disturb each other") {
  std::vector<int> good(4, 0);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < good.size(); ++t) {
    threads.emplace_back([t, &good] {
      Buffer packed, out;
      for (int round = 0; round < 20; ++round) {
        const Codec codec = real_codecs[(t + static_cast<std::size_t>(round)) % 4];
        const std::string text = log_text(20'000, t * 100 + static_cast<uint64>(round));
        if (!compress(codec, text, packed)) continue;
        const auto result = decompress(codec, packed.view(), out, text.size());
        if (result && text_of(*result) == text) ++good[t];
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (int count : good) CHECK(count == 20);
}

TEST_CASE("buffer: growing keeps the contents, clearing keeps the memory, moving takes both") {
  Buffer a;
  CHECK(a.capacity() == 0);
  a.resize_uninitialised(5);
  std::memcpy(a.data(), "abcde", 5);
  a.resize_uninitialised(100'000);
  CHECK(std::string(a.data(), 5) == "abcde");
  a.resize_uninitialised(3);
  CHECK(text_of(a.view()) == "abc");
  a.clear();
  CHECK(a.capacity() == 100'000);
  a.resize_uninitialised(1);
  Buffer b(std::move(a));
  CHECK(b.capacity() == 100'000);
  CHECK(b.size() == 1);
  a = std::move(b);
  CHECK(a.capacity() == 100'000);
  a.release();
  CHECK(a.capacity() == 0);
  CHECK(a.data() == nullptr);
}

}  // namespace
}  // namespace barnabas::records
