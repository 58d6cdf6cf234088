#include <algorithm>
#include <mutex>
#include <stdexcept>

#include "barnabas/group/assignors/assignor.hpp"
#include "barnabas/group/assignors/range.hpp"
#include "barnabas/group/assignors/roundrobin.hpp"
#include "barnabas/group/assignors/sticky.hpp"

namespace barnabas::group {
namespace {

/// UTF-8 sorts by code point; moving the two lead bytes of U+E000–U+FFFF behind those of the supplementary planes gives
/// the order of UTF-16.
unsigned utf16_rank(char c) {
  const auto byte = static_cast<unsigned char>(c);
  if (byte >= 0xf0) return byte - 2u;
  return byte >= 0xee ? byte + 0x12u : byte;
}

/// Entries are only ever added, and stay where they are.
class Registry {
 public:
  Registry() {
    add(std::make_unique<RangeAssignor>(), "RangeAssignor");
    add(std::make_unique<RoundRobinAssignor>(), "RoundRobinAssignor");
    add(std::make_unique<StickyAssignor>(), "StickyAssignor");
    add(std::make_unique<CooperativeStickyAssignor>(), "CooperativeStickyAssignor");
  }

  void add(std::unique_ptr<Assignor> assignor, std::string_view java_class) {
    if (!assignor || assignor->name().empty()) throw std::invalid_argument("an assignor needs a name");
    const std::lock_guard lock(mutex_);
    if (find_locked(assignor->name())) {
      throw std::invalid_argument("there is an assignor " + std::string(assignor->name()) + " already");
    }
    entries_.push_back(Entry{std::move(assignor), java_class});
  }

  const Assignor* find(std::string_view name) {
    const std::lock_guard lock(mutex_);
    return find_locked(name);
  }

  std::string names() {
    const std::lock_guard lock(mutex_);
    std::string names;
    for (const auto& entry : entries_) {
      if (!names.empty()) names += ", ";
      names += entry.assignor->name();
    }
    return names;
  }

 private:
  struct Entry {
    std::unique_ptr<Assignor> assignor;
    std::string_view java_class;  // empty: Java has none
  };

  const Assignor* find_locked(std::string_view name) const {
    constexpr std::string_view package = "org.apache.kafka.clients.consumer.";
    const std::string_view java_class = name.starts_with(package) ? name.substr(package.size()) : name;
    for (const auto& entry : entries_) {
      if (name == entry.assignor->name()) return entry.assignor.get();
      if (!entry.java_class.empty() && java_class == entry.java_class) return entry.assignor.get();
    }
    return nullptr;
  }

  std::mutex mutex_;
  std::vector<Entry> entries_;
};

Registry& registry() {
  static Registry all;
  return all;
}

}  // namespace

const Assignor* find_assignor(std::string_view name) { return registry().find(name); }

std::string assignor_names() { return registry().names(); }

void register_assignor(std::unique_ptr<Assignor> assignor) { registry().add(std::move(assignor), {}); }

bool java_less(std::string_view a, std::string_view b) {
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(),
                                      [](char x, char y) { return utf16_rank(x) < utf16_rank(y); });
}

std::vector<const MemberSubscription*> in_order(const std::vector<MemberSubscription>& members) {
  std::vector<const MemberSubscription*> order;
  for (const auto& member : members) order.push_back(&member);
  std::sort(order.begin(), order.end(), [](const MemberSubscription* a, const MemberSubscription* b) {
    const bool a_static = !a->group_instance_id.empty();
    const bool b_static = !b->group_instance_id.empty();
    if (a_static != b_static) return a_static;
    return a_static ? java_less(a->group_instance_id, b->group_instance_id) : java_less(a->member_id, b->member_id);
  });
  return order;
}

}  // namespace barnabas::group
