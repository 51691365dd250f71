#include "canaryd/metrics/text_template.hpp"

#include "canaryd/net/url.hpp"
#include "canaryd/text/duration_text.hpp"
#include "canaryd/text/text.hpp"
#include "canaryd/text/url_text.hpp"
#include "canaryd/text/wall_text.hpp"

#include <fmt/format.h>

#include "template_scan.hpp"
#include <algorithm>

namespace canaryd::metrics {
namespace {

std::string unix_seconds(wall_time at) {
  const auto milliseconds = at.time_since_epoch().count();
  return fmt::format("{}.{:03}", milliseconds / 1000, milliseconds % 1000);
}

std::string value_of_placeholder(placeholder name, const arm_query& asked) {
  switch (name) {
    case placeholder::bot_id:
      return asked.bot_id;
    case placeholder::environment_id:
      return asked.environment_id;
    case placeholder::version:
      return asked.version;
    case placeholder::deployment_id:
      return asked.deployment_id;
    case placeholder::arm:
      return asked.arm;
    case placeholder::endpoint_token:
      return asked.endpoint_token;
    case placeholder::snapshot_id:
      return asked.snapshot_id;
    case placeholder::window:
      return text::format_duration(asked.to - asked.from);
    case placeholder::from:
      return text::format_wall_time(asked.from);
    case placeholder::to:
      return text::format_wall_time(asked.to);
  }
  return {};
}

std::string bare_value(placeholder name, const arm_query& asked) {
  if (name == placeholder::window)
    return value_of_placeholder(name, asked);
  return unix_seconds(name == placeholder::from ? asked.from : asked.to);
}

// As Go's regexp.QuoteMeta, which is of the engine that reads it.
std::string quote_regex(std::string_view value) {
  constexpr std::string_view special = "\\.+*?()|[]{}^$";
  std::string quoted;
  for (const char c : value) {
    if (special.contains(c))
      quoted += '\\';
    quoted += c;
  }
  return quoted;
}

// The value has no line breaks and no other control characters.
std::string quote_promql(std::string_view value, char quote) {
  std::string quoted;
  for (const char c : value) {
    if (c == '\\' || c == quote)
      quoted += '\\';
    quoted += c;
  }
  return quoted;
}

std::string encode(const std::string& value, encoding how) {
  switch (how) {
    case encoding::url_part:
      return net::percent_encode(value);
    case encoding::single_quoted:
      return quote_promql(value, '\'');
    case encoding::double_quoted:
      return quote_promql(value, '"');
    case encoding::single_quoted_regex:
      return quote_promql(quote_regex(value), '\'');
    case encoding::double_quoted_regex:
      return quote_promql(quote_regex(value), '"');
    case encoding::bare:
      break;
  }
  return value;
}

result<void> check_value(placeholder name, std::string_view value) {
  if (value.empty())
    return failure(fault::refused, fmt::format("there is no value for {{{}}}", to_string(name)));
  if (!text::is_printable(value))
    return failure(
        fault::refused,
        fmt::format("the value for {{{}}} has characters that cannot be shown", to_string(name)));
  return {};
}

// No encoding keeps "." and ".." from being taken for this folder and the one above.
bool has_dot_segment(std::string_view path) {
  path = path.substr(0, path.find('?'));
  while (!path.empty()) {
    const auto segment = path.substr(0, path.find('/'));
    if (segment == "." || segment == "..")
      return true;
    path.remove_prefix(std::min(segment.size() + 1, path.size()));
  }
  return false;
}

std::size_t end_of_authority(std::string_view url) {
  const auto scheme = url.find("://");
  return scheme == std::string_view::npos ? scheme : url.find_first_of("/?", scheme + 3);
}

// A value would be taken for the rest of the escape.
bool is_amid_escape(std::string_view before) {
  return before.ends_with('%') || (before.size() > 1 && before[before.size() - 2] == '%');
}

const arm_query sample_values{
    .bot_id = "bot",
    .environment_id = "env",
    .version = "1",
    .deployment_id = "d",
    .arm = "canary",
    .endpoint_token = "t",
    .snapshot_id = "s",
    .further = {},
    .from = wall_time{std::chrono::days{20'000}},
    .to = wall_time{std::chrono::days{20'000} + std::chrono::minutes{15}},
};

}  // namespace

std::string_view to_string(placeholder name) {
  switch (name) {
    case placeholder::bot_id:
      return "bot_id";
    case placeholder::environment_id:
      return "environment_id";
    case placeholder::version:
      return "version";
    case placeholder::deployment_id:
      return "deployment_id";
    case placeholder::arm:
      return "arm";
    case placeholder::endpoint_token:
      return "endpoint_token";
    case placeholder::snapshot_id:
      return "snapshot_id";
    case placeholder::window:
      return "window";
    case placeholder::from:
      return "from";
    case placeholder::to:
      return "to";
  }
  return "";
}

result<std::string> text_template::fill(const arm_query& asked) const {
  if (asked.to <= asked.from)
    return failure(fault::refused, "the window is empty");
  std::string filled;
  bool is_url = false;
  for (const auto& piece : pieces_) {
    const auto value = piece.how == encoding::bare ? bare_value(piece.value, asked)
                                                   : value_of_placeholder(piece.value, asked);
    if (const auto allowed = check_value(piece.value, value); !allowed)
      return std::unexpected{allowed.error()};
    filled += piece.text;
    filled += encode(value, piece.how);
    is_url |= piece.how == encoding::url_part;
  }
  filled += rest_;
  if (is_url && has_dot_segment(filled))
    return failure(fault::refused, "a value would be a segment \".\" or \"..\" of the URL's path");
  return filled;
}

result<text_template> parse_url_template(std::string_view text) {
  const auto values_from = end_of_authority(text);
  template_scan scan{text};
  while (!scan.at_end()) {
    const bool is_in_authority = text.size() - scan.left().size() < values_from;
    if (scan.front() == '{' && is_in_authority)
      scan.complain("a placeholder stands before the URL's path");
    else if (scan.front() == '{' && is_amid_escape(scan.taken()))
      scan.complain("a placeholder stands where the digits of a %XX belong");
    else if (scan.front() == '{')
      scan.take_placeholder(encoding::url_part);
    else if (scan.front() == '}')
      scan.complain("a closing brace closes nothing");
    else
      scan.take();
  }
  auto parsed = scan.finish();
  if (!parsed)
    return parsed;
  const auto sample = parsed->fill(sample_values);
  if (!sample)
    return std::unexpected{sample.error()};
  if (const auto url = net::parse_url(*sample); !url)
    return std::unexpected{url.error()};
  if (!text::is_https_or_loopback(*sample))
    return failure(fault::refused, "the URL is neither https nor to a loopback address");
  return parsed;
}

}  // namespace canaryd::metrics
