// URLs as far as a file that names one can be judged without a network.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace canaryd::text {

inline constexpr std::size_t max_url_size = 2048;

// True for absolute URLs (RFC 3986) with the scheme https, or http where the host is "localhost",
// in 127.0.0.0/8 or [::1]. Refuses user parts, fragments, spaces, control and non-ASCII characters,
// and ports outside 1..65535.
bool is_https_or_loopback(std::string_view url);

// What stands between "//" and the path of a URL. Boost.URL 1.81 does not read it: it refuses names
// that begin as an IPv4 address does ("10.0.0.1.example"), and takes port 99999 for 34463.
struct authority {
  // With the brackets of an IPv6 address.
  std::string_view host;
  // Without its colon.
  std::optional<std::string_view> port;
};

// Says nothing of whether host and port are valid.
authority split_authority(std::string_view text);

// The number that digits are; nothing where they are no port, 0..65535.
std::optional<std::uint16_t> read_port(std::string_view digits);

// What may be shown of a text that should be a URL: without its user part, query and fragment.
std::string redacted_url(std::string_view url);

}  // namespace canaryd::text
