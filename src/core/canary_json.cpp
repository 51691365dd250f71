#include "canaryd/core/canary_json.hpp"

#include "canaryd/core/enum_word.hpp"
#include "canaryd/core/json_rules.hpp"
#include "canaryd/core/wall_text.hpp"

#include <boost/json/array.hpp>
#include <fmt/format.h>

#include "canary_fields.hpp"
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

namespace canaryd::core {
namespace json = boost::json;

static std::string_view to_string(operation what) {
  switch (what) {
    case operation::check_version:
      return "check_version";
    case operation::look_up:
      return "look_up";
    case operation::register_webhook:
      return "register_webhook";
    case operation::deploy:
      return "deploy";
    case operation::read_status:
      return "read_status";
    case operation::change_traffic:
      return "change_traffic";
    case operation::promote:
      return "promote";
    case operation::rollback:
      return "rollback";
    case operation::remove_traffic:
      return "remove_traffic";
    case operation::rollback_surplus:
      return "rollback_surplus";
    case operation::read_surplus:
      return "read_surplus";
  }
  return "";
}

namespace {

template <class T>
concept whole = std::integral<T> && !std::same_as<T, bool>;

template <class T>
concept enumeration = std::is_enum_v<T>;

class writer {
 public:
  static json::value write(bool value) { return value; }
  static json::value write(whole auto value) { return std::int64_t{value}; }
  static json::value write(double value) { return value; }
  static json::value write(const std::string& text) { return json::value(text); }
  static json::value write(enumeration auto value) { return json::value(to_string(value)); }
  static json::value write(duration length) { return length.count(); }
  static json::value write(instant then) { return then.time_since_epoch().count(); }
  static json::value write(wall_time then) { return json::value(format_wall_time(then)); }

  template <class T>
  static json::value write(const std::optional<T>& value) {
    return value ? write(*value) : json::value{};
  }

  template <class T>
  static json::value write(const std::vector<T>& list) {
    json::array written;
    written.reserve(list.size());
    for (const auto& item : list)
      written.push_back(write(item));
    return written;
  }

  template <class T, std::size_t Count>
  static json::value write(const std::array<T, Count>& list) {
    return write(std::vector<T>{list.begin(), list.end()});
  }

  // Most of a canary is as it began, and a canary is written with every reading: what is not there
  // reads back as it began.
  template <has_fields T>
  static json::value write(const T& value) {
    json::object written;
    each_field(value, [&](const char* name, const auto& field) {
      if (!is_blank(field))
        written.emplace(name, write(field));
    });
    return written;
  }

 private:
  template <class T>
  static bool is_blank(const T& value) {
    if constexpr (enumeration<T>)
      return false;
    else
      return value == T{};
  }
};

// Whether sums and differences of a few such times are in the range of their type.
bool is_within_range(duration length) {
  return -longest_time <= length && length <= longest_time;
}

// What counters may begin with: all that any canary may count, and the sum of four of them, fits in
// what is left. Those without a sign may start again at 0.
template <whole T>
constexpr std::int64_t highest_count() {
  constexpr std::int64_t most = std::numeric_limits<T>::max();
  return std::is_unsigned_v<T> ? most : most / 8;
}

// Reads into what has its default already, and keeps the first problem.
class reader {
 public:
  void read(const json::value& found, bool& into) {
    if (const auto* value = found.if_bool())
      into = *value;
    else
      refuse(found, "true or false");
  }

  template <whole T>
  void read(const json::value& found, T& into) {
    constexpr auto most = highest_count<T>();
    if (const auto number = integer(found); number && *number >= 0 && *number <= most)
      into = static_cast<T>(*number);
    else
      refuse(found, fmt::format("a whole number of 0 to {}", most));
  }

  void read(const json::value& found, double& into) {
    json::error_code ec;
    const auto number = found.to_number<double>(ec);
    if (!ec && std::isfinite(number))
      into = number;
    else
      refuse(found, "a finite number");
  }

  void read(const json::value& found, std::string& into) {
    if (const auto* text = found.if_string())
      into = *text;
    else
      refuse(found, "text");
  }

  template <enumeration T>
  void read(const json::value& found, T& into) {
    const auto* word = found.if_string();
    const auto known = word != nullptr ? from_word<T>(*word) : std::nullopt;
    if (known)
      into = *known;
    else
      refuse(found, "a known word");
  }

  void read(const json::value& found, duration& into) {
    if (const auto number = integer(found); number && is_within_range(duration{*number}))
      into = duration{*number};
    else
      refuse(found, "whole nanoseconds, at most a hundred years of them");
  }

  void read(const json::value& found, instant& into) {
    if (integer(found) == std::int64_t{instant::max().time_since_epoch().count()}) {
      into = instant::max();
      return;
    }
    duration since_boot = into.time_since_epoch();
    read(found, since_boot);
    into = instant{since_boot};
  }

  void read(const json::value& found, wall_time& into) {
    const auto* text = found.if_string();
    const auto time = text != nullptr ? parse_wall_time(*text) : std::nullopt;
    if (time)
      into = *time;
    else
      refuse(found, "a time as in RFC 3339");
  }

  template <class T>
  void read(const json::value& found, std::optional<T>& into) {
    if (found.is_null())
      into.reset();
    else
      read(found, into.emplace());
  }

  template <class T>
  void read(const json::value& found, std::vector<T>& into) {
    const auto* list = found.if_array();
    if (list == nullptr)
      return refuse(found, "an array");
    into.clear();
    into.reserve(list->size());
    for (const auto& item : *list)
      read(item, into.emplace_back());
  }

  template <class T, std::size_t Count>
  void read(const json::value& found, std::array<T, Count>& into) {
    const auto* list = found.if_array();
    if (list == nullptr || list->size() != Count)
      return refuse(found, fmt::format("an array of {}", Count));
    for (std::size_t i = 0; i < Count; ++i)
      read((*list)[i], into[i]);
  }

  template <has_fields T>
  void read(const json::value& found, T& into) {
    const auto* object = found.if_object();
    if (object == nullptr)
      return refuse(found, "an object");
    each_field(into, [&](const char* name, auto& field) {
      const auto* member = object->if_contains(name);
      if (member == nullptr || !problem_.empty())
        return;
      const auto length = path_.size();
      path_ += fmt::format("/{}", name);
      read(*member, field);
      path_.resize(length);
    });
  }

  const std::string& problem() const { return problem_; }

 private:
  static std::optional<std::int64_t> integer(const json::value& found) {
    if (const auto* number = found.if_int64())
      return *number;
    return std::nullopt;
  }

  void refuse(const json::value& found, std::string_view allowed) {
    if (problem_.empty())
      problem_ = fmt::format("{}: found {}, allowed is {}", path_, show_value(found), allowed);
  }

  std::string path_;
  std::string problem_;
};

class shifter {
 public:
  explicit shifter(duration by) : by_{by} {}

  void shift(instant& then) const {
    if (then == instant{} || then == instant::max())
      return;
    duration::rep moved = 0;
    if (__builtin_add_overflow(then.time_since_epoch().count(), by_.count(), &moved))
      moved = by_ > duration::zero() ? longest_time.count() : -longest_time.count();
    then = instant{std::clamp(duration{moved}, -longest_time, longest_time)};
  }

  template <class T>
  void shift(std::optional<T>& value) const {
    if (value)
      shift(*value);
  }

  template <class T>
  void shift(std::vector<T>& list) const {
    for (auto& item : list)
      shift(item);
  }

  template <has_fields T>
  void shift(T& value) const {
    each_field(value, [this](const char*, auto& field) { this->shift(field); });
  }

  template <class T>
    requires(!has_fields<T>)
  void shift(T&) const {}

 private:
  duration by_;
};

}  // namespace

json::object canary_to_json(const canary& current) {
  return std::move(writer::write(current).as_object());
}

result<canary> canary_from_json(const json::value& found) {
  canary made;
  reader in;
  in.read(found, made);
  if (!in.problem().empty())
    return std::unexpected{
        error{.kind = fault::malformed, .text = "a stored canary: " + in.problem()}};
  return made;
}

void shift_instants(canary& moved, duration by) {
  shifter{by}.shift(moved);
}

}  // namespace canaryd::core
