#include "barnabas/tools/config/config.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "barnabas/tools/kafkamq_conf.hpp"

namespace barnabas::tools {

std::string ConfigProblem::text() const {
  std::string text = file;
  if (line > 0) text += fmt::format(":{}:{}", line, column);
  text += ": ";
  if (!key.empty()) text += key + ": ";
  return text + message;
}

const handlers::HandlerOptions* RunConfig::find_handler(std::string_view name) const {
  const auto found = std::ranges::find(handlers, name, &handlers::HandlerOptions::name);
  return found == handlers.end() ? nullptr : &*found;
}

ConfigResult read_config(const std::string& file, std::string_view text) {
  if (!is_kafkamq_conf(text)) return read_native_config(file, text);
  KafkamqTranslation translation = translate_kafkamq_conf(file, text);
  if (!translation.errors.empty()) return std::unexpected(std::move(translation.errors));
  ConfigResult config = read_native_config(file + " (translated)", translation.toml);
  if (config) {
    config->warnings.insert(config->warnings.begin(), translation.warnings.begin(), translation.warnings.end());
  }
  return config;
}

}  // namespace barnabas::tools
