#include "barnabas/handlers/options.hpp"

#include "barnabas/handlers/null.hpp"
#include "barnabas/handlers/remote/remote.hpp"
#include "barnabas/handlers/stdout.hpp"

namespace barnabas::handlers {

std::unique_ptr<Handler> make_handler(const HandlerOptions& options, runtime::Runtime& runtime,
                                      client::EventSink& events) {
  switch (options.type) {
    case HandlerType::remote: return std::make_unique<Remote>(options.name, options.remote, runtime, events);
    case HandlerType::standard_output:
      return std::make_unique<Stdout>(options.name, options.standard_output, runtime, events);
    case HandlerType::null: break;
  }
  return std::make_unique<Null>(options.name);
}

}  // namespace barnabas::handlers
