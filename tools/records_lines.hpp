// `barnabas records decode --jsonl` and `encode --jsonl`: one JSON object a line in, one a line out.
#pragma once

namespace barnabas::tools {

/// Answers {"hex":"…"} with {"batches":[…]}, or the reverse, until standard input ends; a line that is refused with
/// {"error":"…"}. Returns whether all of them were taken.
bool convert_record_lines(bool decode);

}  // namespace barnabas::tools
