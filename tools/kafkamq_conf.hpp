// Reads the configuration of DataKit's KafkaMQ collector and writes it in the native form. A translation, not aliases:
// what a key means there (tls_enable switches SASL on, send_message_count defaults to 1) is settled here and nowhere
// else.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "barnabas/tools/config/config.hpp"

namespace barnabas::tools {

struct KafkamqTranslation {
  std::string toml;                     ///< the native form; empty when there are errors
  std::vector<ConfigProblem> errors;    ///< what would lose records or safety if it were passed over
  std::vector<ConfigProblem> warnings;  ///< what has no effect here, and unknown keys
};

/// Whether this file is one of the collector's: it has [[inputs.kafkamq]]. False for what is no TOML.
bool is_kafkamq_conf(std::string_view text);

/// Translates all [[inputs.kafkamq]] tables of a file. `file` is for messages only. Never throws for what is in `text`.
KafkamqTranslation translate_kafkamq_conf(const std::string& file, std::string_view text);

/// The collector's rule for its kafka_version: "0.N.N.N" or "N.N.N" with a first number that is not 0.
bool is_kafkamq_version(std::string_view text);

}  // namespace barnabas::tools
