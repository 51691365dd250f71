// Any text as a template, and any text as the value in it: the value stays in its string, its part
// of a URL or its literal, and is read there as what it is.
//
// An input is a letter (p: PromQL, u: URL, o: OData), a space, the template, a zero and the value.
#include "canaryd/metrics/text_template.hpp"
#include "canaryd/net/url.hpp"

#include <boost/url/pct_string_view.hpp>

#include "odata_query.hpp"
#include "require.hpp"
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace canaryd::fuzz {
namespace {

metrics::arm_query query_with(std::string_view value) {
  const wall_time from{std::chrono::days{20'000}};
  return {.bot_id = std::string{value},
          .environment_id = std::string{value},
          .version = std::string{value},
          .deployment_id = std::string{value},
          .arm = "canary",
          .endpoint_token = std::string{value},
          .snapshot_id = std::string{value},
          .further = {},
          .from = from,
          .to = from + std::chrono::minutes{15},
          .time = {}};
}

// A query as a server reads it: what stands outside of its strings, and what they hold.
struct read_query {
  std::string outside;
  std::vector<std::string> strings;
  bool is_whole = true;
};

// Reads what follows an opening quote.
std::string read_string(std::string_view& left, char quote, bool& is_whole) {
  std::string held;
  while (!left.empty() && left.front() != quote) {
    if (left.front() == '\\' && quote != '`' && left.size() > 1)
      left.remove_prefix(1);
    held += left.front();
    left.remove_prefix(1);
  }
  is_whole = !left.empty();
  left.remove_prefix(left.empty() ? 0 : 1);
  return held;
}

read_query read_promql(std::string_view left) {
  read_query found;
  while (!left.empty() && found.is_whole) {
    const char next = left.front();
    left.remove_prefix(1);
    found.outside += next;
    if (next == '\'' || next == '"' || next == '`') {
      found.strings.push_back(read_string(left, next, found.is_whole));
    } else if (next == '#') {
      const auto comment = left.substr(0, left.find('\n'));
      found.outside += comment;
      left.remove_prefix(comment.size());
    }
  }
  return found;
}

void fill_promql(std::string_view text, std::string_view value) {
  const auto made = metrics::parse_promql_template(text);
  if (!made)
    return require(!made.error().text.empty(), "an error says what is wrong");
  const auto filled = made->fill(query_with(value));
  const auto plain = made->fill(query_with("a"));
  require(plain.has_value(), "a plain value can be filled in");
  if (!filled)
    return require(!filled.error().text.empty(), "an error says what is wrong");
  const auto with_value = read_promql(*filled);
  const auto with_plain = read_promql(*plain);
  require(with_value.is_whole && with_plain.is_whole, "every string of a query has an end");
  require(with_value.outside == with_plain.outside, "a value stays inside of its string");
  require(with_value.strings.size() == with_plain.strings.size(), "a value begins no string");
}

// The only string of the query is the value.
void fill_one_string(std::string_view value) {
  for (const auto* text : {"x{a='{bot_id}'}", "x{a=\"{bot_id}\"}"}) {
    const auto filled = metrics::parse_promql_template(text)->fill(query_with(value));
    if (filled)
      require(read_promql(*filled).strings == std::vector{std::string{value}},
              "a string holds the value that was filled in");
  }
}

// How often each character that gives a URL its form is in it.
std::vector<std::ptrdiff_t> form_of(std::string_view url) {
  std::vector<std::ptrdiff_t> form;
  for (const char mark : {'/', '?', '&', '#', '=', ';', '@'})
    form.push_back(std::ranges::count(url, mark));
  return form;
}

void fill_url(std::string_view text, std::string_view value) {
  const auto made = metrics::parse_url_template(text);
  if (!made)
    return require(!made.error().text.empty(), "an error says what is wrong");
  const auto filled = made->fill(query_with(value));
  const auto plain = made->fill(query_with("a"));
  if (!filled || !plain)
    return;
  require(form_of(*filled) == form_of(*plain), "a value stays in its part of the URL");
  const auto url = net::parse_url(*filled);
  const auto plain_url = net::parse_url(*plain);
  // A URL may be too long with the value.
  if (!url || !plain_url)
    return require(filled->size() > 8000, "a URL can be asked for");
  require(url->host == plain_url->host && url->port == plain_url->port &&
              url->scheme == plain_url->scheme,
          "a value chooses no server");
}

void ask_odata(std::string_view value) {
  const auto literal = metrics::odata_literal(value);
  const auto url = metrics::odata_page_url_with(
      {.base_url = "https://o.example/v2.4", .key = "id", .endpoint_token = std::string{value}},
      value);
  require(
      form_of(url) == form_of("https://o.example/v2.4/Sessions?$filter=&$select=&$orderby=&$top="),
      "a value stays in the filter");
  const auto decoded = boost::urls::pct_string_view{url}.decode();
  // A doubled quote goes on with the literal, so what is read as its end and a new string is one.
  require(decoded.contains("endpointUrlToken eq " + literal + " and startedAt ge"),
          "a literal is whole in the filter");
  std::string held;
  std::string_view inner{literal};
  require(inner.starts_with('\'') && inner.ends_with('\'') && inner.size() >= 2,
          "a literal has its quotes");
  inner = inner.substr(1, inner.size() - 2);
  while (!inner.empty()) {
    const bool is_quote = inner.front() == '\'';
    require(!is_quote || inner.starts_with("''"), "a value ends no literal");
    held += inner.front();
    inner.remove_prefix(is_quote ? 2 : 1);
  }
  require(held == value, "a literal holds the value");
}

void fill_in(std::string_view input) {
  if (input.size() < 2)
    return;
  const char kind = input.front();
  input.remove_prefix(2);
  const auto end = std::min(input.find('\0'), input.size());
  const auto text = input.substr(0, end);
  const auto value = input.substr(std::min(end + 1, input.size()));
  if (kind == 'p')
    fill_promql(text, value);
  else if (kind == 'u')
    fill_url(text, value);
  else
    ask_odata(value);
  fill_one_string(value);
}

}  // namespace
}  // namespace canaryd::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  canaryd::fuzz::fill_in(canaryd::fuzz::as_text(data, size));
  return 0;
}
