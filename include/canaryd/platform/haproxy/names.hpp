// The names that may stand in a line for HAProxy. Each is one word there, and none can end a
// command or begin another one.
#pragma once

#include <string_view>

namespace canaryd::platform {

// What HAProxy allows in the name of a backend: letters, digits, and any of "-_.:", at most 64. Not
// "-" first.
bool is_backend_name(std::string_view name);

// The same characters, so that a key neither begins a comment in the map file ('#') nor means
// something else to the command (`#<reference>`).
bool is_map_key(std::string_view key);

// An absolute path of letters, digits, and any of "/-_.@+=", at most 255. Map files are named like
// this, and everything else that a configuration names.
bool is_plain_path(std::string_view path);

}  // namespace canaryd::platform
