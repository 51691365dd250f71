// URLs as far as a file that names one can be judged without a network.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace canaryd::text {

inline constexpr std::size_t max_url_size = 2048;

// True for absolute URLs (RFC 3986) with the scheme https, or http where the host is "localhost",
// in 127.0.0.0/8 or [::1]. Refuses user parts, fragments, spaces, control and non-ASCII characters,
// and ports outside 1..65535.
bool is_https_or_loopback(std::string_view url);

// What may be shown of a text that should be a URL: without its user part, query and fragment.
std::string redacted_url(std::string_view url);

}  // namespace canaryd::text
