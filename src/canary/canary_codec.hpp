// Turns a canary's fields into JSON values and back, each by its type. canary/canary_json.hpp
// describes the form.
#pragma once

#include "canaryd/canary/canary.hpp"
#include "canaryd/canary/canary_json.hpp"
#include "canaryd/text/described.hpp"
#include "canaryd/text/enum_word.hpp"
#include "canaryd/text/json_rules.hpp"
#include "canaryd/text/wall_text.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

#include <array>
#include <cmath>
#include <concepts>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace canaryd::canary {

template <class T>
concept whole = std::integral<T> && !std::same_as<T, bool>;

template <class T>
concept enumeration = std::is_enum_v<T>;

class field_writer {
 public:
  static boost::json::value write(bool value) { return value; }
  static boost::json::value write(whole auto value) { return std::int64_t{value}; }
  static boost::json::value write(double value) { return value; }
  static boost::json::value write(const std::string& text) { return boost::json::value(text); }
  static boost::json::value write(enumeration auto value) {
    return boost::json::value(to_string(value));
  }
  static boost::json::value write(duration length) { return length.count(); }
  static boost::json::value write(instant then) { return then.time_since_epoch().count(); }
  static boost::json::value write(wall_time then) {
    return boost::json::value(text::format_wall_time(then));
  }

  template <class T>
  static boost::json::value write(const std::optional<T>& value) {
    return value ? write(*value) : boost::json::value{};
  }

  template <class T>
  static boost::json::value write(const std::vector<T>& list) {
    boost::json::array written;
    written.reserve(list.size());
    for (const auto& item : list)
      written.push_back(write(item));
    return written;
  }

  template <class T, std::size_t Count>
  static boost::json::value write(const std::array<T, Count>& list) {
    return write(std::vector<T>{list.begin(), list.end()});
  }

  // Blank fields are left out, and read back as blank. A canary is written with every reading, and
  // most of it is blank.
  template <text::described T>
  static boost::json::value write(const T& value) {
    boost::json::object written;
    text::each_field(value, [&](const char* name, const auto& field) {
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

// Whether a few such durations can be added and subtracted without an overflow.
inline bool is_within_range(duration length) {
  return -longest_time <= length && length <= longest_time;
}

// The highest count that is read. It leaves room for all that a canary may still count, and for the
// sum of four counters. An unsigned counter may wrap around to 0.
template <whole T>
constexpr std::int64_t highest_count() {
  constexpr std::int64_t most = std::numeric_limits<T>::max();
  return std::is_unsigned_v<T> ? most : most / 8;
}

// Reads into fields that already have their defaults, and keeps the first problem.
class field_reader {
 public:
  void read(const boost::json::value& found, bool& into) {
    if (const auto* value = found.if_bool())
      into = *value;
    else
      refuse(found, "true or false");
  }

  template <whole T>
  void read(const boost::json::value& found, T& into) {
    constexpr auto most = highest_count<T>();
    if (const auto number = integer(found); number && *number >= 0 && *number <= most)
      into = static_cast<T>(*number);
    else
      refuse(found, fmt::format("a whole number of 0 to {}", most));
  }

  void read(const boost::json::value& found, double& into) {
    boost::json::error_code ec;
    const auto number = found.to_number<double>(ec);
    if (!ec && std::isfinite(number))
      into = number;
    else
      refuse(found, "a finite number");
  }

  void read(const boost::json::value& found, std::string& into) {
    if (const auto* text = found.if_string())
      into = *text;
    else
      refuse(found, "text");
  }

  template <enumeration T>
  void read(const boost::json::value& found, T& into) {
    const auto* word = found.if_string();
    const auto known = word != nullptr ? text::from_word<T>(*word) : std::nullopt;
    if (known)
      into = *known;
    else if (word != nullptr && reads_newest_)
      pass_over_word(into);
    else
      refuse(found, "a known word");
  }

  void read(const boost::json::value& found, duration& into) {
    if (const auto number = integer(found); number && is_within_range(duration{*number}))
      into = duration{*number};
    else
      refuse(found, "a whole number of nanoseconds, at most a hundred years");
  }

  void read(const boost::json::value& found, instant& into) {
    if (integer(found) == std::int64_t{instant::max().time_since_epoch().count()}) {
      into = instant::max();
      return;
    }
    duration since_boot = into.time_since_epoch();
    read(found, since_boot);
    into = instant{since_boot};
  }

  void read(const boost::json::value& found, wall_time& into) {
    const auto* text = found.if_string();
    const auto time = text != nullptr ? text::parse_wall_time(*text) : std::nullopt;
    if (time)
      into = *time;
    else
      refuse(found, "a time as in RFC 3339");
  }

  template <class T>
  void read(const boost::json::value& found, std::optional<T>& into) {
    if (found.is_null())
      into.reset();
    else
      read(found, into.emplace());
  }

  // A reading with an unknown verdict is left out. The canary then goes on as before its first one.
  void read(const boost::json::value& found, std::optional<judge::reading>& into) {
    if (found.is_null())
      return into.reset();
    reads_newest_ = true;
    read(found, into.emplace());
    reads_newest_ = false;
    if (has_unknown_verdict_)
      into.reset();
  }

  template <class T>
  void read(const boost::json::value& found, std::vector<T>& into) {
    const auto* list = found.if_array();
    if (list == nullptr)
      return refuse(found, "an array");
    into.clear();
    into.reserve(list->size());
    for (const auto& item : *list)
      read(item, into.emplace_back());
  }

  template <class T, std::size_t Count>
  void read(const boost::json::value& found, std::array<T, Count>& into) {
    const auto* list = found.if_array();
    if (list == nullptr || list->size() != Count)
      return refuse(found, fmt::format("an array of {}", Count));
    for (std::size_t i = 0; i < Count; ++i)
      read((*list)[i], into[i]);
  }

  template <text::described T>
  void read(const boost::json::value& found, T& into) {
    const auto* object = found.if_object();
    if (object == nullptr)
      return refuse(found, "an object");
    text::each_field(into, [&](const char* name, auto& field) {
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
  static void pass_over_word(judge::metrics_source& into) { into = judge::metrics_source::unknown; }
  void pass_over_word(auto&) { has_unknown_verdict_ = true; }

  static std::optional<std::int64_t> integer(const boost::json::value& found) {
    if (const auto* number = found.if_int64())
      return *number;
    return std::nullopt;
  }

  void refuse(const boost::json::value& found, std::string_view allowed) {
    if (problem_.empty())
      problem_ =
          fmt::format("{}: found {}, allowed is {}", path_, text::show_value(found), allowed);
  }

  std::string path_;
  std::string problem_;
  bool reads_newest_ = false;
  bool has_unknown_verdict_ = false;
};

}  // namespace canaryd::canary
