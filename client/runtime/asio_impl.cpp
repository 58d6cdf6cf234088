// Asio's non-template code, compiled once for every unit of the project.
#include <asio/impl/src.hpp>
