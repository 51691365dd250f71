// Reads the members of a JSON object one after the other, so that a parser reads like the table of
// its keys, and collects every problem on the way:
//
//   json_fields in{object, "", problems};
//   in.require("bot_id", job.bot_id, identifier());
//   in.read("failure_limit", job.failure_limit, whole_number(1, 1000));
//   in.refuse_unknown_keys();
#pragma once

#include "canaryd/text/json_rules.hpp"
#include "canaryd/text/json_text.hpp"
#include "canaryd/text/problem.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace canaryd::text {

// What a problem says of a value that should be an object.
std::string not_an_object(const boost::json::value& found);

class json_fields {
 public:
  // `object` stands at `pointer`. Both it and `problems` must outlive this reader.
  json_fields(const boost::json::object& object, std::string pointer, problem_list& problems);

  // Reads `key` into `target`, which keeps its value (the default) where the key is absent or its
  // value is not allowed; the latter is a problem. True where `target` was set.
  template <class Target, class T>
  bool read(std::string_view key, Target& target, const rule<T>& allowed) {
    const auto* value = find(key);
    if (value == nullptr)
      return false;
    auto found = allowed.read(*value);
    if (!found) {
      refuse(child_pointer(pointer_, key), allowed.show(*value), allowed.allowed);
      return false;
    }
    target = static_cast<Target>(*std::move(found));
    return true;
  }

  // As read, but an absent key is a problem too.
  template <class Target, class T>
  bool require(std::string_view key, Target& target, const rule<T>& allowed) {
    if (find(key) == nullptr) {
      missing(key, allowed.allowed);
      return false;
    }
    return read(key, target, allowed);
  }

  // A reader of the object at `key`; nothing where it is absent, or not an object, a problem.
  std::optional<json_fields> object(std::string_view key);
  std::optional<json_fields> require_object(std::string_view key);

  // The array at `key`; null where it is absent, or (a problem) not an array of min..max elements.
  const boost::json::array* array(std::string_view key, std::size_t min, std::size_t max);

  // A reader of an element of that array; nothing where it is not an object, a problem.
  std::optional<json_fields> element(std::string_view key, const boost::json::array& array,
                                     std::size_t index);

  // One element of that array as `allowed` reads it; nothing where it is not allowed, a problem.
  template <class T>
  std::optional<T> read_element(std::string_view key, const boost::json::array& array,
                                std::size_t index, const rule<T>& allowed) {
    auto found = allowed.read(array[index]);
    if (!found)
      refuse(element_pointer(key, index), allowed.show(array[index]), allowed.allowed);
    return found;
  }

  // The array at `key` as a list, each element read by `allowed`.
  template <class T>
  bool read_list(std::string_view key, std::vector<T>& target, std::size_t min, std::size_t max,
                 const rule<T>& allowed) {
    const auto* values = array(key, min, max);
    if (values == nullptr)
      return false;
    std::vector<T> list;
    for (std::size_t i = 0; i < values->size(); ++i) {
      if (auto found = read_element(key, *values, i, allowed))
        list.push_back(*std::move(found));
    }
    if (list.size() < values->size())
      return false;
    target = std::move(list);
    return true;
  }

  // The value of a key that this reader knows from now on; null where it is absent.
  const boost::json::value* find(std::string_view key);
  // True as long as there is no problem with `key` or anything inside it: what was read from it, or
  // its default, can be compared with other values.
  bool is_sound(std::string_view key) const;
  const boost::json::object& members() const { return *object_; }

  // A problem that no rule finds; an empty key means the object itself.
  void complain(std::string_view key, std::string message);
  // The same of an element of the array at `key`.
  void complain(std::string_view key, std::size_t index, std::string message);

  // Where `key` is there at all, `message` is the problem, and not that it is unknown.
  void forbid(std::string_view key, std::string message);

  // Every key that was never asked for is a problem that names the nearest key that was.
  void refuse_unknown_keys();

 private:
  bool knows(std::string_view key) const;
  void add_problem(std::string pointer, std::string message);
  void refuse(std::string pointer, std::string_view found, std::string_view allowed);
  void missing(std::string_view key, std::string_view allowed);
  std::string element_pointer(std::string_view key, std::size_t index) const;
  std::optional<json_fields> nested(std::string pointer, const boost::json::value& value);

  const boost::json::object* object_;
  std::string pointer_;
  problem_list* problems_;
  std::vector<std::string> known_;
  std::vector<std::string> forbidden_;
};

// Lets a file name the JSON Schema that it keeps to, for editors: any text, which has no effect.
void allow_schema(json_fields& in);

// Reads a whole file that an operator wrote. `read(object, problems)` makes something of its
// object, which counts only where there are no problems. Otherwise: all of them, sorted by place.
template <class Read>
auto read_json_file(std::string_view bytes, std::size_t max_bytes, Read read)
    -> std::expected<std::invoke_result_t<Read, const boost::json::object&, problem_list&>,
                     problem_list> {
  const auto parsed = parse_operator_json(bytes, max_bytes);
  if (!parsed)
    return std::unexpected{problem_list{parsed.error()}};
  auto problems = parsed->problems;
  if (const auto* object = parsed->root.if_object()) {
    auto made = read(*object, problems);
    if (problems.empty())
      return made;
  } else {
    problems.push_back({.pointer = {}, .message = not_an_object(parsed->root)});
  }
  locate(problems, bytes);
  return std::unexpected{std::move(problems)};
}

}  // namespace canaryd::text
