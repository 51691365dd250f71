#include "canaryd/daemon/config/config.hpp"

#include <gtest/gtest.h>

#include "support/schema.hpp"
#include "support/schema_agreement.hpp"
#include <algorithm>
#include <set>

namespace canaryd::daemon {
namespace {

constexpr std::string_view schema = "canaryd.schema.json";
constexpr std::string_view credentials_folder = "/run/credentials/canaryd.service";

// Problems that only the parser can find: durations as text, details of URLs, addresses and
// templates, and comparisons of keys.
const std::vector<std::string> parser_only{
    support::duration_out_of_bounds,           "the same as jobs_dir",
    "allowed is at least validation_interval", "no metric .* is judged",
    "single readings prove nothing",           "there is no platform",
};

text::problem_list problems_for_schema(const std::string& text) {
  const auto parsed = parse_config(text, credentials_folder);
  return parsed ? text::problem_list{} : parsed.error();
}

boost::json::value base() {
  return boost::json::parse(R"({
    "$schema": "./canaryd.schema.json",
    "api": {
      "client_id": "canaryd",
      "rate_limit": {"requests": 10},
      "calls": {"rollback": {"path": "/r"}}
    },
    "log": {"level": "info"},
    "limits": {"max_stretch": 2, "min_interval": 0.001},
    "defaults": {"failure_limit": 2}
  })");
}

TEST(config_schema, refuses_what_the_parser_refuses) {
  support::expect_agreement(schema, base(), problems_for_schema, parser_only);
}

TEST(config_schema, has_every_key_of_the_parser_and_no_other) {
  support::expect_same_keys(schema, base(), problems_for_schema);
}

TEST(config_schema, has_the_defaults_of_the_parser) {
  std::set<std::string> compared;
  const auto compare = [&](const std::string& pointer, const std::string& absent,
                           const std::string& written) {
    const auto implicit = parse_config(absent, credentials_folder);
    const auto explicitly = parse_config(written, credentials_folder);
    ASSERT_TRUE(implicit && explicitly) << pointer;
    EXPECT_EQ(*implicit, *explicitly) << pointer;
    compared.insert(pointer);
  };
  support::for_each_default(schema, base(), compare);
  for (const auto* pointer : {"/api/base_url", "/api/scopes", "/api/rate_limit/per", "/jobs_dir",
                              "/log/target", "/limits/max_stretch", "/retention"})
    EXPECT_TRUE(compared.contains(pointer)) << pointer;
}

TEST(config_schema, leaves_no_setting_without_a_default) {
  std::set<std::string> without_default;
  for (const auto& place : support::places_of(support::read_schema(schema), base())) {
    const bool is_section = place.schema.contains("properties");
    if (!place.schema.contains("default") && !is_section && place.parent != "/defaults")
      without_default.insert(place.pointer());
  }
  // The two rollback keys have the defaults of the call.
  const std::set<std::string> expected{"/$schema", "/api/calls/rollback/method",
                                       "/api/calls/rollback/path"};
  EXPECT_EQ(without_default, expected);
}

}  // namespace
}  // namespace canaryd::daemon
