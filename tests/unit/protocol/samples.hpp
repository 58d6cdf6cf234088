// Messages that exist in no Kafka, for the corners that the real ones do not have.
#pragma once

#include "barnabas/protocol/codec.hpp"

namespace barnabas::protocol::test {

/// One field of each type. Versions 0 and 1 are old, 2 and 3 flexible.
struct Everything {
  static constexpr Api api{.key = 999, .versions = "0-3", .flexible = "2+"};
  struct Inner {
    Field<int32> number{7};
    Field<string, "1+"> text;
    Field<int8, "2+ tag 3"> late;
  };
  Field<bool> flag;
  Field<int8> i8;
  Field<int16> i16;
  Field<uint16> u16;
  Field<int32> i32;
  Field<int64> i64;
  Field<float64> f64;
  Field<Uuid> uuid;
  Field<string> text;
  Field<nullable<string>, "0+ null 1+"> maybe_text{string{}};
  Field<bytes> data;
  Field<nullable<bytes>> maybe_data;
  Field<Inner> inner;
  Field<nullable<Inner>, "1+ null 2+"> maybe_inner{Inner{}};
  Field<list<Inner>> inners;
  Field<nullable<list<string>>, "1-2"> names;
  Field<list<int64>> numbers;
  Field<Secret<string>, "3+"> password;
  Field<int32, "1+"> strict_number{-1};
  Field<int32, "1+ ignorable"> ignorable_number{-1};
  Field<int32, "2+ tag 0"> tag_zero;
  Field<nullable<string>, "2+ tag 1 ignorable"> tag_one;
  Field<list<Inner>, "3+ tag 200"> tag_big;
  Field<Inner, "3+ tag 201"> tag_inner;
};

/// Contains itself.
struct Node {
  static constexpr Api api{.versions = "0-1", .flexible = "1+"};
  Field<list<Node>> children;
};

/// As many fields as a structure can have.
struct Widest {
  static constexpr Api api{.versions = "0"};
  Field<int8> f01, f02, f03, f04, f05, f06, f07, f08, f09, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20, f21,
      f22, f23, f24;
};

}  // namespace barnabas::protocol::test
