// Reads the members of a JSON object one after the other and collects every problem, so that a
// parser looks like a table of its keys:
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

// The text of the problem that `found` should be an object.
std::string not_an_object(const boost::json::value& found);

class json_fields {
 public:
  // `pointer` says where `object` is. `object` and `problems` must outlive this reader.
  json_fields(const boost::json::object& object, std::string pointer, problem_list& problems);

  // Reads `key` into `target` and returns true. If the key is absent or its value is not allowed,
  // `target` keeps its default; a value that is not allowed is a problem.
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
    if constexpr (std::is_same_v<Target, std::optional<T>>)
      target = std::move(found);
    else
      target = static_cast<Target>(*std::move(found));
    return true;
  }

  // Like read(), but an absent key is a problem too.
  template <class Target, class T>
  bool require(std::string_view key, Target& target, const rule<T>& allowed) {
    if (find(key) == nullptr) {
      missing(key, allowed.allowed);
      return false;
    }
    return read(key, target, allowed);
  }

  // A reader of the object at `key`. Returns nothing if the key is absent or its value is not an
  // object; the latter is a problem.
  std::optional<json_fields> object(std::string_view key);
  std::optional<json_fields> require_object(std::string_view key);

  // The array at `key`. Returns null if the key is absent or its value is not an array of min..max
  // elements; the latter is a problem.
  const boost::json::array* array(std::string_view key, std::size_t min, std::size_t max);

  // A reader of an element of that array. If the element is not an object, that is a problem, and
  // the result is empty.
  std::optional<json_fields> element(std::string_view key, const boost::json::array& array,
                                     std::size_t index);

  // One element of that array as `allowed` reads it. If it is not allowed, that is a problem, and
  // the result is empty.
  template <class T>
  std::optional<T> read_element(std::string_view key, const boost::json::array& array,
                                std::size_t index, const rule<T>& allowed) {
    auto found = allowed.read(array[index]);
    if (!found)
      refuse(element_pointer(key, index), allowed.show(array[index]), allowed.allowed);
    return found;
  }

  // Reads the array at `key` as a list. `allowed` reads each element.
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

  // The value of `key`, or null if it is absent. From now on the reader knows the key.
  const boost::json::value* find(std::string_view key);
  // True while there is no problem with `key` or anything inside it. Its value, or its default, can
  // then be compared with other values.
  bool is_sound(std::string_view key) const;
  const boost::json::object& members() const { return *object_; }

  // Adds a problem that no rule finds. An empty key means the object itself.
  void complain(std::string_view key, std::string message);
  // The same for an element of the array at `key`.
  void complain(std::string_view key, std::size_t index, std::string message);

  // If `key` is present, `message` is the problem, instead of "unknown key".
  void forbid(std::string_view key, std::string message);

  // Adds a problem for every key that no call has asked for. It names the nearest known key.
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

// Lets a file name its JSON Schema, which helps editors. Any text is allowed and has no effect.
void allow_schema(json_fields& in);

// Reads a whole file that an operator wrote. `read(object, problems)` makes the result from its
// object. If there are problems, all of them are returned instead, sorted by place.
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
