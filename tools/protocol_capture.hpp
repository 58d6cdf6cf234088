// `barnabas protocol decode --pcap`: what clients and brokers said in a capture.
#pragma once

#include <CLI/App.hpp>
#include <cstddef>
#include <string>
#include <vector>

namespace barnabas::tools {

struct CaptureFlags {
  std::string file;  ///< "-" for standard input
  std::vector<int> ports{9092};
  std::size_t bytes_shown_max = 2000;  ///< of the JSON of one message; 0 = all
  bool json = false;
};

void add_capture_flags(CLI::App& command, CaptureFlags& flags);

/// Prints each request with its response, to the end of the capture. Returns the exit code.
int show_capture(const CaptureFlags& flags);

}  // namespace barnabas::tools
