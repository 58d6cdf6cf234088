// The first byte chooses the codec, the second the bound; the rest is the input of the decompressor, and the text of a
// round trip.
#include <cstdint>
#include <cstdlib>

#include "barnabas/protocol/records/compression.hpp"

namespace {

using namespace barnabas::records;

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const auto codec = static_cast<Codec>(data[0] % 8);
  const std::size_t bytes_max = std::size_t{1} << (data[1] % 21);
  const bytes input(reinterpret_cast<const char*>(data) + 2, size - 2);

  Buffer out;
  const auto result = decompress(codec, input, out, bytes_max);
  require(!result || result->size() <= bytes_max);
  require(result || !result.error().what.empty());
  require(out.capacity() <= bytes_max + 1);

  Buffer packed;
  if (!compress(codec, input, packed)) {
    require(name(codec) == "unknown");
    return 0;
  }
  const auto back = decompress(codec, packed.view(), out, input.size());
  require(back && string(back->data(), back->size()) == string(input.data(), input.size()));
  return 0;
}
