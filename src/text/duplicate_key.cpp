#include "canaryd/text/json_text.hpp"

#include "json_scan.hpp"
#include <algorithm>
#include <array>
#include <cstddef>
#include <forward_list>
#include <memory_resource>
#include <vector>

namespace canaryd::text {
namespace {

class duplicate_finder {
 public:
  std::optional<std::string> found;

  duplicate_finder() { keys_.reserve(32); }

  void key(std::string_view quoted, std::size_t /*offset*/) {
    // Only a key with escapes needs its own memory, and these are rare.
    if (quoted.contains('\\'))
      quoted = decoded_.emplace_front('"' + json_key(quoted) + '"');
    keys_.push_back(quoted);
  }
  void value(std::size_t /*offset*/) {}
  void open(char /*bracket*/) { first_key_[depth_++] = keys_.size(); }
  void close() {
    const auto begin = keys_.begin() + static_cast<std::ptrdiff_t>(first_key_[--depth_]);
    if (const auto twice = find_twice(begin); twice != keys_.end() && !found)
      found = std::string{twice->substr(1, twice->size() - 2)};
    keys_.erase(begin, keys_.end());
  }

 private:
  using key_list = std::pmr::vector<std::string_view>;

  // Finds a key that is there twice between `begin` and the end. May reorder these keys.
  key_list::iterator find_twice(key_list::iterator begin) {
    constexpr std::ptrdiff_t few = 16;
    if (keys_.end() - begin > few) {
      std::sort(begin, keys_.end());
      return std::adjacent_find(begin, keys_.end());
    }
    for (auto at = begin; at != keys_.end(); ++at) {
      if (std::find(begin, at, *at) != at)
        return at;
    }
    return keys_.end();
  }

  // Enough for every answer of the API except long lists.
  std::array<std::byte, 512> buffer_;
  std::pmr::monotonic_buffer_resource memory_{buffer_.data(), buffer_.size()};
  // The keys of all open objects; those of the innermost object come last.
  key_list keys_{&memory_};
  std::array<std::size_t, max_json_depth> first_key_{};
  std::size_t depth_ = 0;
  std::forward_list<std::string> decoded_;
};

}  // namespace

std::optional<std::string> find_duplicate_key(std::string_view json) {
  duplicate_finder finder;
  scan_json(json, finder);
  return std::move(finder.found);
}

}  // namespace canaryd::text
