// JSON Pointers (RFC 6901), as a configuration names the values of an answer with them.
#pragma once

#include <string_view>

namespace canaryd::metrics {

// Empty for the whole document, or begins with "/"; a "~" only in "~0" and "~1".
bool is_json_pointer(std::string_view text);

}  // namespace canaryd::metrics
