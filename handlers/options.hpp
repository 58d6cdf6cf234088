// From configuration to handlers: their types, their options by name, and the factory.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "barnabas/client/events.hpp"
#include "barnabas/client/option_table.hpp"
#include "barnabas/client/runtime/runtime.hpp"
#include "barnabas/handlers/remote/options.hpp"

namespace barnabas::handlers {

class Handler;

enum class HandlerType : std::uint8_t { remote, null, standard_output };

/// "remote", "null", "stdout", in the order of the enum.
std::span<const std::string_view> handler_type_names();
std::string_view name(HandlerType type);
std::optional<HandlerType> parse_handler_type(std::string_view text);

enum class OutputFormat : std::uint8_t { value, json };

struct StdoutOptions {
  StdoutOptions() = default;
  OutputFormat format = OutputFormat::value;
};

/// One configured handler. Only the options of its type count.
struct HandlerOptions {
  HandlerOptions() = default;
  std::string name;
  HandlerType type = HandlerType::null;
  RemoteOptions remote;
  StdoutOptions standard_output;
};

const client::OptionTableOf<RemoteOptions>& remote_option_table();
const client::OptionTableOf<StdoutOptions>& stdout_option_table();

/// Makes the options of this handler's type settable by name.
void add_options(client::OptionSet& set, HandlerOptions& options);
/// What is wrong with options that are fine one by one; one sentence each.
std::vector<std::string> check_relations(const HandlerOptions& options);

/// Runtime and events outlive the handler.
std::unique_ptr<Handler> make_handler(const HandlerOptions& options, runtime::Runtime& runtime,
                                      client::EventSink& events);

}  // namespace barnabas::handlers
