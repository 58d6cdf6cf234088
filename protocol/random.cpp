#include "barnabas/protocol/random.hpp"

#include "barnabas/protocol/memory.hpp"

namespace barnabas::protocol {

namespace {

using namespace detail;

class Filler {
 public:
  Filler(std::mt19937_64& chance, int version, Arena& arena) : chance_(chance), version_(version), arena_(arena) {}

  void structure(const StructInfo& info, char* to) {
    ++depth_;
    for (const FieldInfo& field : info.fields) {
      if (!field.in(version_)) continue;
      // A tagged field at its default is left out: make that common.
      if (field.tagged() && below(2) == 0) continue;
      value(field.type, field.nullable_in(version_), to + field.at);
    }
    --depth_;
  }

 private:
  // The distributions of the standard library differ between its implementations; a remainder does not.
  uint64 below(uint64 bound) { return chance_() % bound; }

  /// Values at the edges come up more often than chance would have it.
  uint64 integer() {
    switch (below(8)) {
      case 0: return 0;
      case 1: return ~uint64{0};
      case 2: return below(300);
      case 3: return uint64{1} << below(64);
      default: return chance_();
    }
  }

  void value(const TypeInfo& type, bool nullable, char* to) {
    if (type.nullable) {
      const bool null = nullable && below(4) == 0;
      set_null(type, to, null);
      if (null) return;
    }
    switch (type.kind) {
      case Kind::boolean: return put(to, below(2) == 1);
      case Kind::int8: return put(to, static_cast<int8>(integer()));
      case Kind::int16:
      case Kind::uint16: return put(to, static_cast<int16>(integer()));
      case Kind::int32: return put(to, static_cast<int32>(integer()));
      case Kind::int64: return put(to, integer());
      case Kind::float64: return put(to, static_cast<float64>(static_cast<int64>(integer())) / 8);
      case Kind::uuid: return put(to, uuid());
      case Kind::string: {
        const bytes made = octets(' ', 95);
        return put(to, string(made.data(), made.size()));
      }
      case Kind::bytes: return put(to, octets(0, 256));
      case Kind::list: return list(*type.element, to);
      case Kind::structure: return structure(*type.of, to);
    }
  }

  Uuid uuid() {
    Uuid id;
    for (unsigned char& octet : id.octets) octet = static_cast<unsigned char>(chance_());
    return id;
  }

  bytes octets(int first, uint64 range) {
    // Above 127 the length of a compact string takes a second byte.
    const std::size_t size = below(16) == 0 ? 100 + below(200) : below(12);
    char* const data = static_cast<char*>(arena_.allocate(size, 1));
    for (std::size_t i = 0; i < size; ++i) data[i] = static_cast<char>(first + static_cast<int>(below(range)));
    return {data, size};
  }

  void list(const TypeInfo& element, char* to) {
    RawList items;
    items.count = depth_ >= nesting_max_ ? 0 : static_cast<uint32>(below(4));
    if (items.count > 0) {
      items.data = static_cast<char*>(arena_.allocate(items.count * element.size, alignof(std::max_align_t)));
    }
    for (std::size_t i = 0; i < items.count; ++i) {
      char* const item = items.data + i * element.size;
      std::memset(item, 0, element.size);
      if (element.kind == Kind::structure) std::memcpy(item, element.of->defaults, element.of->size);
      value(element, element.nullable, item);
    }
    put(to, items);
  }

  static constexpr int nesting_max_ = 6;

  std::mt19937_64& chance_;
  int version_;
  Arena& arena_;
  int depth_ = 0;
};

}  // namespace

void fill_random(const MessageInfo& info, void* message, std::mt19937_64& chance, int version, Arena& arena) {
  Filler(chance, version, arena).structure(*info.root, static_cast<char*>(message));
}

}  // namespace barnabas::protocol
