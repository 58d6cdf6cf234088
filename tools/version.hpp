// The version that --version prints and brokers are told.
#pragma once

namespace barnabas::tools {

inline constexpr char barnabas_version[] = "0.1.0";
/// Of that version, for the manual pages.
inline constexpr char barnabas_date[] = "2026-11-21";

}  // namespace barnabas::tools
