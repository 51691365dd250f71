// What Cognigy's OData is asked: the records of one endpoint within a window, page by page. Pure.
#pragma once

#include "canaryd/base/time.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace canaryd::metrics {

enum class odata_collection : std::uint8_t { sessions, analytics };

// A text as an OData string literal, with its quotes, before percent-encoding.
std::string odata_literal(std::string_view text);

struct odata_query {
  // Of the service, up to and with the version.
  std::string base_url;
  odata_collection collection{};
  // The field that identifies a record, by which pages are sorted.
  std::string key;
  std::string endpoint_token;
  // Empty: of whatever snapshot.
  std::string snapshot_id;
  wall_time from;
  // Not included.
  wall_time to;
  // Whether dates stand in quotes.
  bool quoted_dates = false;
  // To be told of each record besides what every metric needs.
  std::vector<std::string> further_fields = {};
};

inline constexpr std::size_t odata_page_size = 500;

// URLs of `query`.
// The page after the record with that key; the first page where it is empty.
std::string odata_page_url(const odata_query& query, std::string_view after);
// The same page with the record of that key in it.
std::string odata_page_url_with(const odata_query& query, std::string_view key);
// Any record of the collection, whatever its endpoint and time.
std::string odata_any_record_url(const odata_query& query);

}  // namespace canaryd::metrics
