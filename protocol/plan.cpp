#include "barnabas/protocol/plan.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>

namespace barnabas::protocol::detail {

namespace {

Code code_of(Kind kind) {
  switch (kind) {
    case Kind::boolean: return Code::boolean;
    case Kind::int8: return Code::one;
    case Kind::int16:
    case Kind::uint16: return Code::two;
    case Kind::int32: return Code::four;
    case Kind::int64:
    case Kind::float64: return Code::eight;
    case Kind::uuid: return Code::uuid;
    case Kind::string: return Code::string;
    case Kind::bytes: return Code::bytes;
    case Kind::list: return Code::list;
    case Kind::structure: return Code::structure;
  }
  __builtin_unreachable();
}

class Planner {
 public:
  Planner(MessagePlan& plan) : plan_(plan) {}

  const StructPlan* structure(const StructInfo& info) {
    for (const StructPlan& known : plan_.structs) {
      if (known.info == &info) return &known;
    }
    StructPlan& made = plan_.structs.emplace_back();
    made.info = &info;
    made.flexible = plan_.flexible;
    // Known before the fields are looked at, because a list in them may be one of this very structure.
    made.wire_min = smallest(info);
    made.overwritten = true;
    for (const FieldInfo& field : info.fields) add(made, field);
    finish(made);
    return &made;
  }

 private:
  void add(StructPlan& to, const FieldInfo& field) {
    if (!field.in(plan_.version)) {
      to.overwritten = false;
      if (!field.spec.ignorable) to.unwanted.push_back(&field);
      return;
    }
    Step step = value(field.type, field.nullable_in(plan_.version));
    step.at = field.at;
    step.field = &field;
    if (field.spec.inflexible && step.code == Code::string) step.code = Code::old_string;
    if (field.tagged()) {
      to.overwritten = false;
      step.tag = static_cast<uint32>(field.spec.tag);
      to.tags.push_back(step);
    } else {
      if (is_number(step.code)) {
        add_number(to, step);
      } else {
        to.steps.push_back(step);
      }
    }
  }

  /// Into the run at the end of the steps if there is one with room, else into a new one.
  static void add_number(StructPlan& to, const Step& number) {
    const bool goes_on = !to.steps.empty() && to.steps.back().code == Code::run &&
                         to.numbers.size() - to.steps.back().run_begin < run_max;
    if (!goes_on) {
      to.steps.push_back(Step{});
      to.steps.back().run_begin = static_cast<uint16>(to.numbers.size());
    }
    to.numbers.push_back(number);
    Step& run = to.steps.back();
    std::vector<Code> codes;
    for (std::size_t i = run.run_begin; i < to.numbers.size(); ++i) codes.push_back(to.numbers[i].code);
    run.run_at[codes.size() - 1] = number.at;
    run.run_bytes = static_cast<uint16>(run.run_bytes + number.size);
    run.run = run_of(codes);
  }

  void finish(StructPlan& plan) {
    if (plan.flexible && plan.tags.empty()) ++plan.fixed_bytes;
    for (Step& step : plan.steps) {
      // A number alone is quicker without a call.
      if (step.code == Code::run && step.run_bytes == plan.numbers[step.run_begin].size) {
        step = plan.numbers[step.run_begin];
      }
      switch (step.code) {
        case Code::run: plan.fixed_bytes += step.run_bytes; continue;
        case Code::string: plan.fixed_bytes += plan_.flexible ? 0 : 2; break;
        case Code::old_string: plan.fixed_bytes += 2; break;
        case Code::bytes:
        case Code::list: plan.fixed_bytes += plan_.flexible ? 0 : 4; break;
        case Code::structure: plan.overwritten = plan.overwritten && step.of->overwritten; break;
        default: plan.fixed_bytes += step.size; continue;
      }
      plan.sized.push_back(step);
    }
    plan.leaf = plan.tags.empty() && plan.unwanted.empty() && std::ranges::all_of(plan.sized, [](const Step& step) {
                  return step.code != Code::structure && step.code != Code::old_string &&
                         (step.code != Code::list || is_scalar(step.element->code));
                });
    plan.of_fixed_size = plan.sized.empty() && plan.tags.empty() && plan.unwanted.empty();
  }

  Step value(const TypeInfo& type, bool null_allowed) {
    Step step;
    step.code = code_of(type.kind);
    step.nullable = type.nullable;
    step.null_allowed = null_allowed;
    step.value_size = type.value_size;
    step.size = type.size;
    step.wire_min = static_cast<uint32>(smallest(type));
    if (type.kind == Kind::structure) step.of = structure(*type.of);
    if (type.kind == Kind::list) {
      const Step element = value(*type.element, type.element->nullable);
      step.element = &plan_.elements.emplace_back(element);
    }
    return step;
  }

  uint32 smallest(const TypeInfo& type) const {
    if (is_scalar(type.kind)) return type.size;
    if (type.kind == Kind::structure) return type.nullable ? 1 : smallest(*type.of);
    if (plan_.flexible) return 1;
    return type.kind == Kind::string ? 2 : 4;
  }

  uint32 smallest(const StructInfo& info) const {
    uint32 size = plan_.flexible ? 1 : 0;
    for (const FieldInfo& field : info.fields) {
      if (field.in(plan_.version) && !field.tagged()) size += smallest(field.type);
    }
    return size > 0 ? size : 1;
  }

  MessagePlan& plan_;
};

/// Plans are found by hash, and only ever added: readers need no lock.
using Buckets = std::array<std::atomic<const MessagePlan*>, 1024>;
constinit Buckets buckets{};

std::atomic<const MessagePlan*>& bucket_of(const StructInfo* info, int version) {
  const auto mixed = (reinterpret_cast<std::uintptr_t>(info) / 8 + static_cast<unsigned>(version)) * 0x9e3779b97f4a7c15;
  return buckets[mixed >> 54];
}

const MessagePlan* find(const MessagePlan* plan, const StructInfo* info, int version, bool flexible) {
  while (plan != nullptr && !(plan->info == info && plan->version == version && plan->flexible == flexible)) {
    plan = plan->next;
  }
  return plan;
}

const MessagePlan& add_plan(const MessageInfo& message, int version, std::atomic<const MessagePlan*>& bucket) {
  auto made = std::make_unique<MessagePlan>();
  made->info = message.root;
  made->version = version;
  made->flexible = message.flexible(version);
  made->root = Planner(*made).structure(*message.root);
  made->next = bucket.load(std::memory_order_acquire);
  do {
    // Another thread may have been quicker.
    if (const MessagePlan* const other = find(made->next, message.root, version, made->flexible)) return *other;
  } while (!bucket.compare_exchange_weak(made->next, made.get(), std::memory_order_acq_rel));
  return *made.release();
}

}  // namespace

const MessagePlan& plan_of(const MessageInfo& message, int version) {
  std::atomic<const MessagePlan*>& bucket = bucket_of(message.root, version);
  const MessagePlan* const plan =
      find(bucket.load(std::memory_order_acquire), message.root, version, message.flexible(version));
  return plan != nullptr ? *plan : add_plan(message, version, bucket);
}

std::string version_refused(const MessageInfo& message, int version) {
  return "version " + std::to_string(version) + " of " + std::string(message.name) + " is not known here, only " +
         std::to_string(message.api.versions.lo) + " to " + std::to_string(message.api.versions.hi);
}

}  // namespace barnabas::protocol::detail
