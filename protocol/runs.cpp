#include "barnabas/protocol/runs.hpp"

namespace barnabas::protocol::detail {

namespace {

constexpr std::size_t number_codes = 5;
static_assert(static_cast<std::size_t>(Code::eight) == number_codes - 1);

template <Code... codes>
const char* read(const char* p, char* to, const RunOffsets& at) {
  std::size_t i = 0;
  ((p = read_scalar(codes, p, to + at[i++])), ...);
  return p;
}

template <Code... codes>
char* write(const char* from, const RunOffsets& at, char* p) {
  std::size_t i = 0;
  ((p = write_scalar(codes, from + at[i++], p)), ...);
  return p;
}

/// The run whose codes are the digits of `shape`, the first one lowest.
template <std::size_t shape, std::size_t count, Code... codes>
constexpr Run run_of_shape() {
  if constexpr (sizeof...(codes) == count) {
    return {read<codes...>, write<codes...>};
  } else {
    return run_of_shape<shape / number_codes, count, codes..., static_cast<Code>(shape % number_codes)>();
  }
}

template <std::size_t count, std::size_t... shapes>
constexpr std::array<Run, sizeof...(shapes)> runs_of(std::index_sequence<shapes...>) {
  return {run_of_shape<shapes, count>()...};
}

template <std::size_t count>
constexpr std::size_t shapes = number_codes * shapes<count - 1>;
template <>
constexpr std::size_t shapes<0> = 1;

constexpr auto ones = runs_of<1>(std::make_index_sequence<shapes<1>>());
constexpr auto twos = runs_of<2>(std::make_index_sequence<shapes<2>>());
constexpr auto threes = runs_of<3>(std::make_index_sequence<shapes<3>>());
constexpr auto fours = runs_of<4>(std::make_index_sequence<shapes<4>>());

}  // namespace

Run run_of(std::span<const Code> numbers) {
  std::size_t shape = 0;
  for (std::size_t i = numbers.size(); i > 0; --i)
    shape = shape * number_codes + static_cast<std::size_t>(numbers[i - 1]);
  switch (numbers.size()) {
    case 1: return ones[shape];
    case 2: return twos[shape];
    case 3: return threes[shape];
    default: return fours[shape];
  }
}

}  // namespace barnabas::protocol::detail
