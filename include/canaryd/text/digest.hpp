// SHA-256 (FIPS 180-4), used to recognise the same bytes.
#pragma once

#include <string>
#include <string_view>

namespace canaryd::text {

// Returns 64 lower-case hexadecimal digits.
std::string sha256_hex(std::string_view bytes);

}  // namespace canaryd::text
