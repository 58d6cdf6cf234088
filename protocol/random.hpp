// Random messages, for properties and examples.
#pragma once

#include <random>

#include "barnabas/protocol/arena.hpp"
#include "barnabas/protocol/table.hpp"

namespace barnabas::protocol {

/// Fills `message`, which holds its defaults.
void fill_random(const MessageInfo& info, void* message, std::mt19937_64& chance, int version, Arena& arena);

/// A message that `version` can carry without loss: its fields are random, null where the version allows it now and
/// then, and the other fields have their defaults. The same seed gives the same message everywhere. Lists, strings and
/// bytes lie in `arena`.
template <class M>
M random_message(std::mt19937_64& chance, int16 version, Arena& arena) {
  M message;
  fill_random(message_info<M>(), &message, chance, version, arena);
  return message;
}

}  // namespace barnabas::protocol
