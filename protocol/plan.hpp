// What the codec has to do for one version of a message, worked out from the tables once and kept. Internal to
// protocol/.
#pragma once

#include <deque>
#include <vector>

#include "barnabas/protocol/runs.hpp"
#include "barnabas/protocol/table.hpp"

namespace barnabas::protocol::detail {

struct StructPlan;

/// What one field, a run of fields or an element of a list needs.
struct Step {
  Code code = Code::run;
  bool nullable = false;      // in memory
  bool null_allowed = false;  // in this version
  uint16 at = 0;              // offset in the structure
  uint16 run_bytes = 0;       // of a run: on the wire
  uint16 run_begin = 0;       // of a run: its first number in StructPlan::numbers
  RunOffsets run_at{};        // of a run: offsets in the structure
  Run run;
  uint32 tag = 0;         // of a tagged field
  uint32 value_size = 0;  // in memory, without the flag of a nullable
  uint32 size = 0;        // in memory
  uint32 wire_min = 0;    // bytes of the smallest value, at least 1: it bounds the counts of lists
  const StructPlan* of = nullptr;
  const Step* element = nullptr;
  const FieldInfo* field = nullptr;
};

struct StructPlan {
  const StructInfo* info = nullptr;
  std::vector<Step> steps;                 // untagged fields of the version, in wire order
  std::vector<Step> numbers;               // what the runs consist of
  std::vector<Step> sized;                 // the steps whose size depends on the value
  std::vector<Step> tags;                  // its tagged fields, ascending
  std::vector<const FieldInfo*> unwanted;  // fields that the version lacks and that may not be dropped
  bool flexible = false;
  bool overwritten = false;  // reading leaves no byte of a value as it was, so defaults need not be laid out first
  bool leaf = false;  // holds scalars, strings, bytes and lists of scalars, no known tags, and may lack any field
  bool of_fixed_size = false;  // fixed_bytes is the size of every value
  uint32 fixed_bytes = 0;      // scalars, lengths of four or two bytes, and a tag section that is always empty
  uint32 wire_min = 0;         // at least 1
};

struct MessagePlan {
  const StructInfo* info = nullptr;
  int version = 0;
  bool flexible = false;
  const StructPlan* root = nullptr;
  std::deque<StructPlan> structs;
  std::deque<Step> elements;
  const MessagePlan* next = nullptr;
};

/// Made at the first use of a version and kept until the end of the program: some kilobytes at most. `version` is one
/// that the message has.
const MessagePlan& plan_of(const MessageInfo& message, int version);

/// What to say about a version that the message does not have.
std::string version_refused(const MessageInfo& message, int version);

}  // namespace barnabas::protocol::detail
