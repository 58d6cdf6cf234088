// What went wrong, for those who keep it instead of passing it on.
#pragma once

#include <exception>

#include "barnabas/client/error.hpp"

namespace barnabas::group {

/// An Error as it is; anything else under its own words.
inline Error as_error(std::exception_ptr failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const Error& error) {
    return error;
  } catch (const std::exception& error) {
    return Error(Error::Stage::protocol, "go on consuming", "", error.what());
  }
}

}  // namespace barnabas::group
