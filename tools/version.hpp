// The version that --version prints and brokers are told.
#pragma once

namespace barnabas::tools {

inline constexpr char barnabas_version[] = "0.1.0";

}  // namespace barnabas::tools
