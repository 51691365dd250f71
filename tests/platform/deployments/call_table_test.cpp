#include "canaryd/platform/deployments/call_table.hpp"

#include <gtest/gtest.h>

namespace canaryd::platform::deployments {
namespace {

constexpr call_subject subject{
    .bot_id = "bot:1", .environment_id = "env+2", .version = "2.1.0", .deployment_id = "dep/3"};

TEST(calls, the_table_starts_as_the_specification) {
  const call_table table;
  const auto row = [&](call which) { return table[which].method + ' ' + table[which].path; };
  EXPECT_EQ(row(call::deploy), "POST /bots/{bot_id}/deploy");
  EXPECT_EQ(row(call::metrics), "GET /metrics/conversations");
  EXPECT_EQ(row(call::list_webhooks), "GET /webhooks");
  EXPECT_EQ(row(call::register_webhook), "POST /webhooks");
  EXPECT_EQ(row(call::audit), "POST /audit/logs");
  EXPECT_EQ(row(call::find_deployments), "GET /deployments");
  EXPECT_EQ(row(call::get_deployment), "GET /deployments/{deployment_id}");
  EXPECT_EQ(row(call::change_traffic), "PATCH /deployments/{deployment_id}");
  EXPECT_EQ(row(call::rollback), "POST /deployments/{deployment_id}/rollback");
  EXPECT_EQ(row(call::promote), "POST /deployments/{deployment_id}/promote");
  EXPECT_EQ(row(call::versions), "GET ");
}

TEST(calls, every_template_of_the_table_but_the_absent_ones_is_valid) {
  const call_table table;
  for (std::size_t i = 0; i < call_count; ++i) {
    const auto which = static_cast<call>(i);
    if (!table[which].path.empty())
      EXPECT_EQ(find_problem(which, table[which]), std::nullopt) << to_string(which);
  }
}

TEST(calls, names_are_read_back_except_that_of_the_token) {
  for (std::size_t i = 1; i < call_count; ++i)
    EXPECT_EQ(parse_call(to_string(static_cast<call>(i))), static_cast<call>(i));
  EXPECT_EQ(parse_call("token"), std::nullopt);
  EXPECT_EQ(parse_call("Deploy"), std::nullopt);
}

TEST(calls, writes_are_those_that_change_something) {
  for (const auto which : {call::deploy, call::register_webhook, call::audit, call::change_traffic,
                           call::rollback, call::promote})
    EXPECT_TRUE(is_write(which)) << to_string(which);
  for (const auto which : {call::token, call::metrics, call::list_webhooks, call::find_deployments,
                           call::get_deployment, call::versions})
    EXPECT_FALSE(is_write(which)) << to_string(which);
}

TEST(calls, placeholders_are_filled_with_encoded_values) {
  EXPECT_EQ(fill("/b/{bot_id}/e/{environment_id}/v/{version}/d/{deployment_id}/end", subject),
            "/b/bot%3A1/e/env%2B2/v/2.1.0/d/dep%2F3/end");
  EXPECT_EQ(fill("/webhooks", subject), "/webhooks");
  EXPECT_EQ(fill("/v?environmentId={environment_id}", subject), "/v?environmentId=env%2B2");
}

TEST(calls, a_query_is_appended_unless_the_template_names_its_key) {
  std::string plain = "/metrics";
  append_query(plain, "botId", "a b");
  append_query(plain, "window", "15m");
  EXPECT_EQ(plain, "/metrics?botId=a%20b&window=15m");

  std::string with_query = "/metrics?window=1h&x";
  append_query(with_query, "window", "15m");
  append_query(with_query, "x", "2");
  append_query(with_query, "metricType", "canary");
  EXPECT_EQ(with_query, "/metrics?window=1h&x&metricType=canary");

  std::string similar = "/metrics?windows=1";
  append_query(similar, "window", "15m");
  EXPECT_EQ(similar, "/metrics?windows=1&window=15m");

  std::string open = "/metrics?";
  append_query(open, "window", "15m");
  EXPECT_EQ(open, "/metrics?window=15m");
}

struct template_case {
  call which;
  call_template shape;
  std::string_view problem;
};

class refused_template : public testing::TestWithParam<template_case> {};

TEST_P(refused_template, is_explained) {
  const auto& [which, shape, problem] = GetParam();
  EXPECT_EQ(find_problem(which, shape).value_or("none"), problem);
}

INSTANTIATE_TEST_SUITE_P(
    calls, refused_template,
    testing::Values(
        template_case{call::deploy,
                      {"BREW", "/x"},
                      "the method is BREW, allowed are GET, POST, PUT, PATCH and DELETE"},
        template_case{call::deploy,
                      {"post", "/x"},
                      "the method is post, allowed are GET, POST, PUT, PATCH and DELETE"},
        template_case{call::deploy, {"POST", ""}, "the path does not start with /"},
        template_case{call::deploy, {"POST", "bots"}, "the path does not start with /"},
        template_case{call::deploy,
                      {"POST", "/a b"},
                      "the path has a character that a URL's path and query cannot have"},
        template_case{call::deploy,
                      {"POST", "/a#b"},
                      "the path has a character that a URL's path and query cannot have"},
        template_case{call::deploy,
                      {"POST", "/a\r\nX: y"},
                      "the path has a character that a URL's path and query cannot have"},
        template_case{call::deploy,
                      {"POST", "/v%rsions"},
                      "the path does not make a valid URL: the URL has a % that is not followed by "
                      "two hex digits"},
        template_case{call::deploy,
                      {"POST", "/%4{bot_id}1"},
                      "the path does not make a valid URL: the URL has a % that is not followed by "
                      "two hex digits"},
        template_case{
            call::deploy, {"POST", "/{bot}"}, "the path has {bot}, which deploy does not know"},
        template_case{call::deploy,
                      {"POST", "/{deployment_id}"},
                      "the path has {deployment_id}, which deploy does not know"},
        template_case{
            call::deploy, {"POST", "/{bot_id"}, "the path has a brace without its counterpart"},
        template_case{call::deploy,
                      {"POST", "/bot_id}/{bot_id}"},
                      "the path has a brace without its counterpart"}));

TEST(calls, a_template_may_have_a_query_and_every_placeholder_its_call_knows) {
  EXPECT_EQ(find_problem(call::versions,
                         {"GET", "/bots/{bot_id}/versions?environmentId={environment_id}"}),
            std::nullopt);
  EXPECT_EQ(find_problem(call::rollback, {"PUT", "/{bot_id}/{deployment_id}?v={version}"}),
            std::nullopt);
}

TEST(lost_segment, is_one_that_would_mean_another_place) {
  const auto lost = [](std::string_view path, std::string_view id) {
    return find_lost_segment(
        path, {.bot_id = "..", .environment_id = "e", .version = "v", .deployment_id = id});
  };
  for (const auto* id : {"", ".", ".."}) {
    EXPECT_EQ(lost("/deployments/{deployment_id}/rollback", id), "deployment_id") << id;
    EXPECT_EQ(lost("/deployments/{deployment_id}", id), "deployment_id") << id;
  }
  for (const auto* id : {"...", "a", "%2e", "%2e%2e", "a/..", "/", "?", "..;"})
    EXPECT_FALSE(lost("/deployments/{deployment_id}/rollback", id)) << id;
  EXPECT_EQ(lost("/bots/{bot_id}/deploy", "a"), "bot_id");
  EXPECT_FALSE(lost("/bots/x{bot_id}", "a"));
  EXPECT_FALSE(lost("/bots?bot={bot_id}&path=/{bot_id}/", "a"));
  EXPECT_FALSE(lost("/../fixed", ".."));
}

}  // namespace
}  // namespace canaryd::platform::deployments
