// Texts of the configuration with placeholders, such as "{bot_id}", for URLs and PromQL queries
// (reference: "Where metrics come from"). Each value is encoded for the place where it stands, so
// that no value can be taken for anything but a value. Pure.
#pragma once

#include "canaryd/base/error.hpp"
#include "canaryd/metrics/arm_query.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace canaryd::metrics {

enum class placeholder : std::uint8_t {
  bot_id,
  environment_id,
  version,
  deployment_id,
  arm,
  endpoint_token,
  snapshot_id,
  window,
  from,
  to,
};

// As it is written between the braces. Empty for a number that is none of them.
std::string_view to_string(placeholder name);

// What a value becomes where its placeholder stands.
enum class encoding : std::uint8_t {
  // Of a URL's path or query: everything but unreserved characters is percent-encoded.
  url_part,
  // In a PromQL string in these quotes.
  single_quoted,
  double_quoted,
  // The same where the string is a regular expression: it matches the value and nothing else.
  single_quoted_regex,
  double_quoted_regex,
  // In a query outside of strings: a duration for {window}, Unix seconds for {from} and {to}.
  bare,
};

class text_template {
 public:
  struct piece {
    // Goes before the value.
    std::string text;
    placeholder value{};
    encoding how{};
  };

  text_template(std::vector<piece> pieces, std::string rest)
      : pieces_{std::move(pieces)}, rest_{std::move(rest)} {}

  // Fails (refused) if a value that is needed is empty, has characters that cannot be shown, or
  // would be a path segment "." or ".."; and if the window is empty.
  result<std::string> fill(const arm_query& asked) const;

 private:
  std::vector<piece> pieces_;
  std::string rest_;
};

// Both fail (refused) for an unknown placeholder, an unclosed brace and a placeholder that stands
// where no value may stand. The error's text says which.

// An https URL, or http to a loopback address. Placeholders stand in its path and query.
result<text_template> parse_url_template(std::string_view text);

// A PromQL query. Braces outside of its strings are those of selectors, unless a lone name stands
// in them. A brace before a digit, inside a string, is a repetition of a regular expression.
result<text_template> parse_promql_template(std::string_view text);

}  // namespace canaryd::metrics
