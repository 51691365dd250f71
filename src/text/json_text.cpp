#include "canaryd/text/json_text.hpp"

#include "canaryd/text/json_parse.hpp"
#include "canaryd/text/text.hpp"

#include <boost/json/error.hpp>
#include <boost/json/parse_options.hpp>
#include <fmt/format.h>

#include "json_scan.hpp"
#include <algorithm>
#include <set>
#include <tuple>
#include <unordered_map>
#include <vector>

namespace canaryd::text {
namespace {

std::string_view without_byte_order_mark(std::string_view bytes) {
  constexpr std::string_view mark = "\xEF\xBB\xBF";
  return bytes.starts_with(mark) ? bytes.substr(mark.size()) : bytes;
}

void set_place(problem& found, std::string_view text, std::size_t offset) {
  const auto before = text.substr(0, offset);
  const auto line_begin = before.rfind('\n') + 1;
  found.line = 1 + static_cast<std::size_t>(std::ranges::count(before, '\n'));
  found.column = 1 + code_points(before.substr(line_begin));
}

problem problem_at(std::string_view text, std::size_t offset, std::string message) {
  problem found{.pointer = {}, .message = std::move(message)};
  set_place(found, text, offset);
  return found;
}

// Replaces every closed comment with spaces. Boost.JSON 1.81 can read comments, but reports a wrong
// one at a place far outside the text.
std::string without_comments(std::string_view text) {
  std::string plain{text};
  std::size_t at = 0;
  while (at < text.size()) {
    const auto begin = at++;
    const auto rest = text.substr(begin);
    if (rest.starts_with('"')) {
      at = json_string_end(text, begin);
    } else if (rest.starts_with("//") || rest.starts_with("/*")) {
      at = json_comment_end(text, begin);
      if (rest[1] == '*' && !rest.substr(2).contains("*/"))
        break;
      plain.replace(begin, at - begin, at - begin, ' ');
    }
  }
  return plain;
}

// Follows a walk through the text and knows the pointer of every value.
class pointer_tracker {
 public:
  void key(std::string_view quoted) { frames_.back().token = json_key(quoted); }

  // The pointer of the value that begins now.
  const std::string& value() {
    if (frames_.empty())
      return last_;
    auto& inner = frames_.back();
    last_ = child_pointer(inner.pointer,
                          inner.is_array ? std::to_string(inner.next_index++) : inner.token);
    return last_;
  }

  void open(char bracket) {
    frames_.push_back({.pointer = last_, .is_array = bracket == '[', .token = {}});
  }
  void close() { frames_.pop_back(); }

 private:
  struct frame {
    std::string pointer;
    bool is_array = false;
    std::size_t next_index = 0;
    std::string token;
  };
  std::vector<frame> frames_;
  std::string last_;
};

struct position_index {
  pointer_tracker pointers;
  std::unordered_map<std::string, std::size_t> offsets;

  void key(std::string_view quoted, std::size_t /*offset*/) { pointers.key(quoted); }
  void value(std::size_t offset) { offsets[pointers.value()] = offset; }
  void open(char bracket) { pointers.open(bracket); }
  void close() { pointers.close(); }

  // The offset of the value at `pointer`, or else of the nearest value around it.
  std::size_t offset_of(std::string_view pointer) const {
    for (;;) {
      if (const auto found = offsets.find(std::string{pointer}); found != offsets.end())
        return found->second;
      const auto last_part = pointer.rfind('/');
      if (last_part == std::string_view::npos)
        return 0;
      pointer = pointer.substr(0, last_part);
    }
  }
};

struct duplicate_collector {
  std::string_view text;
  problem_list problems;
  pointer_tracker pointers;
  // The keys seen in each open object; empty for arrays.
  std::vector<std::set<std::string>> seen;

  void key(std::string_view quoted, std::size_t offset) {
    pointers.key(quoted);
    const bool is_new = seen.back().insert(json_key(quoted)).second;
    if (is_new || problems.size() == max_problems)
      return;
    auto found = problem_at(text, offset, "duplicate key");
    found.pointer = pointers.value();
    problems.push_back(std::move(found));
  }
  void value(std::size_t /*offset*/) { pointers.value(); }
  void open(char bracket) {
    pointers.open(bracket);
    seen.emplace_back();
  }
  void close() {
    pointers.close();
    seen.pop_back();
  }
};

problem syntax_problem(std::string_view text, std::size_t offset,
                       const boost::json::error_code& reason) {
  if (reason == boost::json::error::incomplete)
    return problem_at(text, text.size(), "not valid JSON: the text ends too early");
  if (reason == boost::json::error::too_deep)
    return problem_at(text, offset,
                      fmt::format("nested deeper than the {} levels allowed", max_json_depth));
  const auto rest = text.substr(offset);
  const auto line = rest.substr(0, rest.find_first_of("\r\n"));
  return problem_at(
      text, offset,
      fmt::format("not valid JSON: {} at \"{}\"", reason.message(), printable_excerpt(line, 20)));
}

}  // namespace

std::expected<parsed_json, problem> parse_operator_json(std::string_view bytes,
                                                        std::size_t max_bytes) {
  if (bytes.size() > max_bytes)
    return std::unexpected{problem{
        .pointer = {},
        .message = fmt::format("{} bytes, allowed are at most {}", bytes.size(), max_bytes)}};
  const auto text = without_byte_order_mark(bytes);
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos)
    return std::unexpected{problem{.pointer = {}, .message = "empty, a JSON object is expected"}};
  if (const auto valid = valid_utf8_prefix(text); valid < text.size())
    return std::unexpected{problem_at(text, valid, "a byte that is not valid UTF-8")};

  boost::json::parse_options options;
  options.max_depth = max_json_depth;
  options.allow_trailing_commas = true;
  boost::json::error_code failure;
  auto parsed = parse_exactly(without_comments(text), failure, {}, options);
  if (failure)
    return std::unexpected{syntax_problem(text, parsed.taken, failure)};

  duplicate_collector duplicates{.text = text, .problems = {}, .pointers = {}, .seen = {}};
  scan_json(text, duplicates);
  return parsed_json{.root = std::move(parsed.root), .problems = std::move(duplicates.problems)};
}

void locate(problem_list& problems, std::string_view bytes) {
  const auto text = without_byte_order_mark(bytes);
  position_index index;
  scan_json(text, index);
  for (auto& found : problems) {
    if (found.line == 0)
      set_place(found, text, index.offset_of(found.pointer));
  }
  std::ranges::sort(problems, {}, [](const problem& found) {
    return std::tie(found.line, found.column, found.pointer);
  });
  if (problems.size() >= max_problems)
    problems.push_back(
        {.pointer = {},
         .message = fmt::format("there may be more: only {} problems are shown", problems.size())});
}

}  // namespace canaryd::text
