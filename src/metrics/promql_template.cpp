// parse_promql_template: finds out in which kind of place each placeholder of a query stands.

#include "canaryd/metrics/text_template.hpp"
#include "canaryd/text/text.hpp"

#include "template_scan.hpp"

namespace canaryd::metrics {
namespace {

// Whether the string that begins next is the regular expression of a matcher (=~ or !~).
bool is_regex(std::string_view before) {
  const auto end = before.find_last_not_of(" \t\r\n");
  return end != std::string_view::npos && end > 0 && before[end] == '~' &&
         (before[end - 1] == '=' || before[end - 1] == '!');
}

encoding encoding_in(char quote, bool regex) {
  if (quote == '"')
    return regex ? encoding::double_quoted_regex : encoding::double_quoted;
  return regex ? encoding::single_quoted_regex : encoding::single_quoted;
}

// A raw string has no escapes, so no value can be made safe in it.
void take_raw_string(template_scan& scan) {
  scan.take();
  while (!scan.at_end() && scan.front() != '`') {
    if (scan.front() == '{' && scan.is_at_name() && !text::is_digit(scan.left()[1]))
      return scan.complain("a placeholder stands in a string in backquotes: use other quotes");
    scan.take();
  }
  if (scan.at_end())
    return scan.complain("a string in the query has no end");
  scan.take();
}

// Of a regular expression, as in "[0-9]{2,3}".
void take_repetition(template_scan& scan) {
  const auto end = scan.left().find_first_not_of("0123456789,", 1);
  if (end == std::string_view::npos || scan.left()[end] != '}')
    return scan.complain("a brace in a string of the query is not closed");
  scan.take(end + 1);
}

void take_brace_in_string(template_scan& scan, encoding how) {
  if (scan.left().size() > 1 && text::is_digit(scan.left()[1]))
    take_repetition(scan);
  else
    scan.take_placeholder(how);
}

void take_escape(template_scan& scan) {
  // It would be an escape of what the value begins with.
  if (scan.left().size() > 1 && scan.left()[1] == '{')
    return scan.complain("a backslash stands before a brace in a string of the query");
  scan.take(2);
}

void take_in_string(template_scan& scan, encoding how) {
  switch (scan.front()) {
    case '{':
      return take_brace_in_string(scan, how);
    case '}':
      return scan.complain("a closing brace in a string of the query closes nothing");
    case '\n':
      return scan.complain("a string in the query has no end");
    case '\\':
      return take_escape(scan);
    default:
      scan.take();
  }
}

void take_string(template_scan& scan) {
  const char quote = scan.front();
  const auto how = encoding_in(quote, is_regex(scan.taken()));
  scan.take();
  while (!scan.at_end() && scan.front() != quote)
    take_in_string(scan, how);
  if (scan.at_end())
    return scan.complain("a string in the query has no end");
  scan.take();
}

void take_comment(template_scan& scan) {
  while (!scan.at_end() && scan.front() != '\n')
    scan.take();
}

// Returns the number of selectors that are open afterwards.
int take_brace(template_scan& scan, int open) {
  if (scan.front() == '{' && scan.is_at_name()) {
    scan.take_placeholder(encoding::bare);
    return open;
  }
  open += scan.front() == '{' ? 1 : -1;
  if (open < 0)
    scan.complain("a closing brace of the query closes nothing");
  scan.take();
  return open;
}

}  // namespace

result<text_template> parse_promql_template(std::string_view text) {
  template_scan scan{text};
  int open = 0;
  while (!scan.at_end()) {
    switch (scan.front()) {
      case '\'':
      case '"':
        take_string(scan);
        break;
      case '`':
        take_raw_string(scan);
        break;
      case '#':
        take_comment(scan);
        break;
      case '{':
      case '}':
        open = take_brace(scan, open);
        break;
      default:
        scan.take();
    }
  }
  if (open > 0)
    scan.complain("a brace of the query is not closed");
  return scan.finish();
}

}  // namespace canaryd::metrics
