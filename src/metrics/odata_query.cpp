#include "odata_query.hpp"

#include "canaryd/net/url.hpp"
#include "canaryd/text/wall_text.hpp"

#include <fmt/format.h>

namespace canaryd::metrics {
namespace {

struct collection_names {
  std::string_view path;
  // When a record came to be.
  std::string_view time;
  // Besides the key.
  std::string_view fields;
};

collection_names names_of(odata_collection collection) {
  if (collection == odata_collection::sessions)
    return {"Sessions", "startedAt", "sessionId,startedAt,rating,handoverEscalations"};
  return {"Analytics", "timestamp", "timestamp,executionTime"};
}

std::string date_literal(wall_time at, bool quoted) {
  auto text = text::format_wall_time(at);
  return quoted ? odata_literal(text) : text;
}

std::string window_filter(const odata_query& query) {
  const auto names = names_of(query.collection);
  auto filter = fmt::format("endpointUrlToken eq {} and {} ge {} and {} lt {}",
                            odata_literal(query.endpoint_token), names.time,
                            date_literal(query.from, query.quoted_dates), names.time,
                            date_literal(query.to, query.quoted_dates));
  if (!query.snapshot_id.empty())
    filter += fmt::format(" and snapshotId eq {}", odata_literal(query.snapshot_id));
  return filter;
}

std::string with_options(const odata_query& query, std::string_view filter, std::size_t top) {
  const auto names = names_of(query.collection);
  auto fields = fmt::format("{},{}", query.key, names.fields);
  for (const auto& field : query.further_fields)
    fields += "," + field;
  auto url = fmt::format("{}/{}?", query.base_url, names.path);
  if (!filter.empty())
    url += fmt::format("$filter={}&", net::percent_encode(filter));
  return url + fmt::format("$select={}&$orderby={}&$top={}", net::percent_encode(fields),
                           net::percent_encode(query.key + " asc"), top);
}

}  // namespace

std::string odata_literal(std::string_view text) {
  std::string literal = "'";
  for (const char c : text) {
    literal += c;
    if (c == '\'')
      literal += c;
  }
  return literal + "'";
}

std::string odata_page_url(const odata_query& query, std::string_view after) {
  auto filter = window_filter(query);
  if (!after.empty())
    filter += fmt::format(" and {} gt {}", query.key, odata_literal(after));
  return with_options(query, filter, odata_page_size);
}

std::string odata_page_url_with(const odata_query& query, std::string_view key) {
  const auto filter =
      fmt::format("{} and {} ge {}", window_filter(query), query.key, odata_literal(key));
  return with_options(query, filter, odata_page_size);
}

std::string odata_any_record_url(const odata_query& query) {
  return with_options(query, {}, 1);
}

}  // namespace canaryd::metrics
