// The table of a message as JSON, for programs that compare, draw or generate.
#pragma once

#include "barnabas/protocol/table.hpp"

namespace barnabas::protocol {

/// "0-18", "12+", "3", "none".
std::string versions_text(Versions versions);
/// "int32", "[]string", "records", the name of a structure.
std::string type_text(const TypeInfo& type);

/// One object on one line:
///   {"name","kind":"request|response|data","key" (absent for data),"versions","flexible","unstable" (where there is
///   one),"fields":[…]}
/// and a field is
///   {"name","type","versions","tag" (tagged fields only),"default","nullable_versions" (absent:
///   never),"ignorable":true (absent: no),"secret":true (absent: no),"fields" (of structures and lists of them)}
/// Types are bool int8 int16 uint16 int32 int64 float64 uuid string bytes records, the name of a structure, and [] in
/// front for a list. The default is absent where it is a structure of defaults.
std::string schema_json(const MessageInfo& info);

}  // namespace barnabas::protocol
