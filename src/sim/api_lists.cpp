// Writes lists in the shapes in which APIs differ.
#include "canaryd/sim/api.hpp"
#include "canaryd/sim/reply.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <span>

namespace canaryd::sim {
namespace {

constexpr std::array<std::string_view, 2> list_names{"items", "bare"};
constexpr std::array<std::string_view, 5> empty_names{"list", "null", "null_items", "no_body",
                                                      "no_content"};
constexpr std::array<std::string_view, 3> page_names{"url", "cursor", "link"};

template <class Shape>
std::optional<Shape> shape_named(std::string_view name, std::span<const std::string_view> names) {
  const auto place = std::ranges::find(names, name);
  if (place == names.end())
    return std::nullopt;
  return static_cast<Shape>(place - names.begin());
}

net::response empty_list(const answer_shapes& shapes) {
  switch (shapes.empty_lists) {
    case empty_shape::null:
      return json_answer(200, "null");
    case empty_shape::null_items:
      return json_answer(200, R"({"items":null})");
    case empty_shape::no_body:
      return json_answer(200, "");
    case empty_shape::no_content:
      return {.status = 204, .headers = {}, .body = {}};
    case empty_shape::list:
      break;
  }
  return json_answer(200, shapes.lists == list_shape::bare ? "[]" : R"({"items":[]})");
}

// Reads where a page begins in the whole list, from the query of its URL or from a cursor.
std::size_t begin_of_page(std::string_view query) {
  std::size_t begin = 0;
  for (const std::string_view key : {"offset", "next"}) {
    const auto text = form_value(query, key).value_or("");
    std::from_chars(text.data(), text.data() + text.size(), begin);
  }
  return begin;
}

// The URL of the page that begins at `begin`. It is absolute if the request names the API's host.
std::string page_url(const asked_call& asked, std::size_t begin) {
  const auto& target = asked.message.target;
  const auto path = target.target.substr(0, target.target.find('?'));
  std::string url = target.host.empty()
                        ? path
                        : fmt::format("{}://{}{}", target.scheme, net::authority_of(target), path);
  url += fmt::format("?offset={}", begin);
  for (const std::string_view key : {"botId", "environmentId"}) {
    if (const auto value = form_value(asked.where.query, key))
      url += fmt::format("&{}={}", key, net::percent_encode(*value));
  }
  return url;
}

}  // namespace

std::optional<list_shape> list_shape_named(std::string_view name) {
  return shape_named<list_shape>(name, list_names);
}

std::optional<empty_shape> empty_shape_named(std::string_view name) {
  return shape_named<empty_shape>(name, empty_names);
}

std::optional<page_shape> page_shape_named(std::string_view name) {
  return shape_named<page_shape>(name, page_names);
}

// `items` are JSON texts.
net::response api::list(const asked_call& asked, std::vector<std::string> items) const {
  const auto& shapes = options_.shapes;
  if (shapes.odd_items)
    items.insert(items.begin(), {R"({"status":"rolled_back"})", R"({"version":7})"});
  if (items.empty())
    return empty_list(shapes);
  const auto begin = std::min(begin_of_page(asked.where.query), items.size());
  const auto size = shapes.page_size == 0 ? items.size() : shapes.page_size;
  const auto end = std::min(items.size() - begin, size) + begin;
  const std::span page{items.begin() + static_cast<std::ptrdiff_t>(begin),
                       items.begin() + static_cast<std::ptrdiff_t>(end)};
  auto text = fmt::format("[{}]", fmt::join(page, ","));
  const bool is_last = end == items.size();
  // A bare array has no place for the next page.
  const bool is_bare = shapes.lists == list_shape::bare;
  const bool is_linked = is_bare || shapes.pages == page_shape::link;
  if (!is_bare) {
    const auto next =
        shapes.pages == page_shape::cursor ? fmt::to_string(end) : page_url(asked, end);
    text = is_last || is_linked ? fmt::format(R"({{"items":{}}})", text)
                                : fmt::format(R"({{"items":{},"next":{}}})", text, quoted(next));
  }
  auto answer = json_answer(200, std::move(text));
  if (!is_last && is_linked)
    answer.headers.push_back(
        {.name = "Link", .value = fmt::format("<{}>; rel=\"next\"", page_url(asked, end))});
  return answer;
}

}  // namespace canaryd::sim
