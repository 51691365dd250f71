// What a fuzzer holds to be true of every input.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace canaryd::fuzz {

// Ends the program, so that libFuzzer keeps the input, where `holds` is false.
inline void require(bool holds, const char* what) {
  if (holds)
    return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

// The input as text.
inline std::string_view as_text(const unsigned char* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

}  // namespace canaryd::fuzz
