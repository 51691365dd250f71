// Rules for the values in a file. Each rule turns a JSON value into a C++ one and says in words
// what it allows. text/json_fields.hpp applies the rules to the members of an object.
#pragma once

#include "canaryd/base/time.hpp"
#include "canaryd/text/duration_text.hpp"

#include <boost/json/value.hpp>

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace canaryd::text {

// Shows a value in a problem: short, printable, with numbers as people write them.
std::string show_value(const boost::json::value& value);
// The same for a value that should be a URL, without its user part and query.
std::string show_url(const boost::json::value& value);

template <class T>
struct rule {
  // The words that complete "allowed is …".
  std::string allowed;
  // Returns nothing if the value is not allowed.
  std::function<std::optional<T>(const boost::json::value&)> read;
  // Shows a value that is not allowed.
  std::function<std::string(const boost::json::value&)> show = show_value;
};

struct number_bounds {
  double min = std::numeric_limits<double>::lowest();
  double max = std::numeric_limits<double>::max();
  // True if `min` itself is not allowed.
  bool above_min = false;
  // The same for `max`.
  bool below_max = false;
};

// Allows finite numbers, including whole ones.
rule<double> number_in(number_bounds bounds);
// Allows whole numbers, even if written as 5.0 or 1e3. Both bounds are allowed.
rule<std::int64_t> whole_number(std::int64_t min, std::int64_t max);
rule<bool> boolean();
// Allows a text of min..max bytes that `accepts` accepts; `allowed` says so in words.
rule<std::string> text_of(std::string allowed, std::size_t min, std::size_t max,
                          std::function<bool(std::string_view)> accepts);
// Allows seconds as a number, or text as text/duration_text.hpp reads it. Both bounds are allowed.
rule<duration> duration_in(duration min, duration max = max_job_duration);
// Allows an https URL, or http to a loopback address, without user part and fragment, of at most
// 2048 bytes.
rule<std::string> https_url();

// Allows one of the words and reads it as its value.
template <class T>
rule<T> one_of(std::vector<std::pair<std::string, T>> words) {
  std::string allowed = "one of";
  for (const auto& [word, meaning] : words)
    allowed += (allowed.ends_with("one of") ? " \"" : ", \"") + word + '"';
  return {.allowed = std::move(allowed),
          .read = [words = std::move(words)](const boost::json::value& value) -> std::optional<T> {
            for (const auto& [word, meaning] : words) {
              if (value.is_string() && value.get_string() == word)
                return meaning;
            }
            return std::nullopt;
          }};
}

// Allows null, or what `inner` allows.
template <class T>
rule<std::optional<T>> nullable(rule<T> inner) {
  return {.allowed = "null, or " + inner.allowed,
          .read = [read = std::move(inner.read)](
                      const boost::json::value& value) -> std::optional<std::optional<T>> {
            if (value.is_null())
              return std::optional<std::optional<T>>{std::in_place};
            auto found = read(value);
            if (!found)
              return std::nullopt;
            return std::optional<std::optional<T>>{std::in_place, std::move(found)};
          },
          .show = std::move(inner.show)};
}

}  // namespace canaryd::text
