#include "canaryd/platform/haproxy/names.hpp"

#include "canaryd/text/text.hpp"

#include <algorithm>

namespace canaryd::platform {
namespace {

constexpr std::size_t longest_name = 64;
constexpr std::size_t longest_path = 255;

bool is_word(std::string_view text, std::string_view further, std::size_t longest) {
  return !text.empty() && text.size() <= longest && std::ranges::all_of(text, [&](char c) {
    return text::is_alphanumeric(c) || further.contains(c);
  });
}

}  // namespace

bool is_backend_name(std::string_view name) {
  return is_word(name, "-_.:", longest_name) && !name.starts_with('-');
}

bool is_map_key(std::string_view key) {
  return is_backend_name(key);
}

bool is_plain_path(std::string_view path) {
  return path.starts_with('/') && is_word(path, "/-_.@+=", longest_path);
}

}  // namespace canaryd::platform
