#include "odata_query.hpp"

#include "canaryd/net/url.hpp"

#include <boost/url/pct_string_view.hpp>
#include <gtest/gtest.h>

#include "sample_query.hpp"

namespace canaryd::metrics {
namespace {

odata_query query(odata_collection collection = odata_collection::sessions) {
  const auto asked = sample_query();
  return {.base_url = "https://odata.example.com/v2.4",
          .collection = collection,
          .key = "id",
          .endpoint_token = asked.endpoint_token,
          .snapshot_id = asked.snapshot_id,
          .from = asked.from,
          .to = asked.to};
}

std::string decoded(std::string_view text) {
  return boost::urls::pct_string_view{text}.decode();
}

constexpr std::string_view select_sessions =
    "$select=id,sessionId,startedAt,rating,handoverEscalations&$orderby=id asc&$top=500";

TEST(odata_query, the_first_page_has_the_endpoint_and_the_window) {
  EXPECT_EQ(decoded(odata_page_url(query(), "")),
            "https://odata.example.com/v2.4/Sessions?$filter=endpointUrlToken eq 'tok' and "
            "startedAt ge 2026-01-01T00:00:00.000Z and startedAt lt 2026-01-01T00:15:00.000Z and "
            "snapshotId eq 'snap'&" +
                std::string{select_sessions});
}

TEST(odata_query, analytics_go_by_their_own_time_and_fields) {
  auto asked = query(odata_collection::analytics);
  asked.snapshot_id.clear();
  asked.further_fields = {"custom3"};
  EXPECT_EQ(decoded(odata_page_url(asked, "")),
            "https://odata.example.com/v2.4/Analytics?$filter=endpointUrlToken eq 'tok' and "
            "timestamp ge 2026-01-01T00:00:00.000Z and timestamp lt 2026-01-01T00:15:00.000Z&"
            "$select=id,timestamp,executionTime,custom3&$orderby=id asc&$top=500");
}

TEST(odata_query, dates_stand_in_quotes_where_the_installation_wants_them) {
  auto asked = query();
  asked.quoted_dates = true;
  EXPECT_TRUE(decoded(odata_page_url(asked, ""))
                  .contains("startedAt ge '2026-01-01T00:00:00.000Z' and startedAt lt "
                            "'2026-01-01T00:15:00.000Z'"));
}

TEST(odata_query, the_next_page_begins_after_the_last_key) {
  EXPECT_TRUE(decoded(odata_page_url(query(), "0f")).contains("'snap' and id gt '0f'&"));
  EXPECT_TRUE(decoded(odata_page_url_with(query(), "0f")).contains("'snap' and id ge '0f'&"));
}

TEST(odata_query, any_record_is_asked_for_without_a_filter) {
  EXPECT_EQ(decoded(odata_any_record_url(query())),
            "https://odata.example.com/v2.4/Sessions?"
            "$select=id,sessionId,startedAt,rating,handoverEscalations&$orderby=id asc&$top=1");
}

TEST(odata_query, a_value_cannot_end_its_literal) {
  EXPECT_EQ(odata_literal("a'b"), "'a''b'");
  EXPECT_EQ(odata_literal("'"), "''''");
  auto asked = query();
  asked.endpoint_token = "x' or 1 eq 1&$top=1#";
  const auto url = odata_page_url(asked, "");
  EXPECT_TRUE(decoded(url).contains("endpointUrlToken eq 'x'' or 1 eq 1&$top=1#' and"));
  EXPECT_TRUE(url.contains("%27x%27%27%20or%201%20eq%201%26%24top%3D1%23%27"));
  EXPECT_TRUE(net::parse_url(url));
}

}  // namespace
}  // namespace canaryd::metrics
