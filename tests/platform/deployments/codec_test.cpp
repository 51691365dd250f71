#include "canaryd/platform/deployments/codec.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace canaryd::platform::deployments {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr judge::metrics_sample sample{.error_rate = 0.05,
                                       .satisfaction_score = 4.4,
                                       .avg_latency_ms = 312.0,
                                       .conversation_count = 1200};

TEST(request_body, of_a_deploy_has_the_first_steps_traffic) {
  job::job job;
  job.bot_id = "bot_abc123";
  job.environment_id = "env_prod_456";
  job.version = "2.1.0-canary";
  job.steps = {{.canary_percent = 5.0, .hold = 300s}, {.canary_percent = 10.0, .hold = 300s}};
  job.stable_percent = 95.0;
  job.rollback_thresholds = {
      .error_rate = 0.05, .satisfaction_score = 3.5, .max_latency_ms = 1500.0};
  job.max_traffic_percentage = 10.0;
  EXPECT_EQ(
      deploy_body(job),
      R"({"bot_id":"bot_abc123","environment_id":"env_prod_456","version":"2.1.0-canary",)"
      R"("traffic_matrix":{"stable":95,"canary":5},)"
      R"("rollback_thresholds":{"error_rate":0.05,"satisfaction_score":3.5,"max_latency_ms":1500},)"
      R"("max_traffic_percentage":10,"enable_metric_aggregation":true})");
}

TEST(request_body, of_a_traffic_change_gives_the_rest_to_stable) {
  EXPECT_EQ(traffic_body(25.0), R"({"traffic_matrix":{"stable":75,"canary":25}})");
  EXPECT_EQ(traffic_body(5.1), R"({"traffic_matrix":{"stable":94.9,"canary":5.1}})");
  EXPECT_EQ(traffic_body(0.0), R"({"traffic_matrix":{"stable":100,"canary":0}})");
}

TEST(request_body, of_a_rollback_has_reason_and_metrics) {
  EXPECT_EQ(rollback_body("error_rate 0.2 > \"0.05\"\n", sample),
            R"({"reason":"error_rate 0.2 > \"0.05\"\n","metrics":{"error_rate":0.05,)"
            R"("satisfaction_score":4.4,"avg_latency_ms":312,"conversation_count":1200}})");
  EXPECT_EQ(rollback_body("", {}), R"({"reason":"","metrics":{}})");
}

TEST(request_body, of_a_promote_has_metrics) {
  EXPECT_EQ(promote_body({.error_rate = 1e-9}), R"({"metrics":{"error_rate":1e-09}})");
}

TEST(request_body, of_a_webhook_has_its_secret_and_is_active) {
  EXPECT_EQ(
      webhook_body({.name = "canary_completion_b",
                    .url = "https://ci.example.com/h",
                    .events = {"deployment.canary.completed", "deployment.canary.rolled_back"}},
                   "wh"),
      R"({"name":"canary_completion_b","url":"https://ci.example.com/h",)"
      R"("events":["deployment.canary.completed","deployment.canary.rolled_back"],)"
      R"("secret":"wh","active":true})");
}

TEST(request_body, of_an_audit_record_says_who_did_what_when_and_why) {
  canary::audit_record record{.record_id = "r-1",
                              .timestamp = wall_time{1'767'225'600'250ms},
                              .job_id = "j",
                              .bot_id = "b",
                              .deployment_id = "",
                              .action = canary::audit_action::canary_rollback,
                              .status = canary::audit_status::triggered,
                              .metrics = {.error_rate = 0.2},
                              .actor = "user(1000)",
                              .reason = "threshold_breach"};
  const auto expected =
      R"({"timestamp":"2026-01-01T00:00:00.250Z","bot_id":"b","action":"canary_rollback",)"
      R"("status":"triggered","metrics":{"error_rate":0.2},"source":"canaryd/)" +
      std::string{CANARYD_VERSION} +
      R"-(","record_id":"r-1","job_id":"j","actor":"user(1000)","reason":"threshold_breach"})-";
  EXPECT_EQ(audit_body(record), expected);
  record.deployment_id = "d-1";
  EXPECT_THAT(audit_body(record), HasSubstr(R"("job_id":"j","deployment_id":"d-1",)"));
}

TEST(window_text, is_in_whole_units_rounded_up) {
  EXPECT_EQ(window_text(15min, 'm'), "15m");
  EXPECT_EQ(window_text(61s, 'm'), "2m");
  EXPECT_EQ(window_text(30s, 's'), "30s");
  EXPECT_EQ(window_text(30'001ms, 's'), "31s");
}

TEST(metrics_answer, is_read) {
  EXPECT_EQ(parse_metrics(R"({"error_rate":0.05,"satisfaction_score":4.4,"avg_latency_ms":312,)"
                          R"("conversation_count":1200,"p95":[1,{"x":null}],"note":"ü"})"),
            sample);
  EXPECT_EQ(parse_metrics(R"({"error_rate":0,"satisfaction_score":5,"conversation_count":12e2})"),
            (judge::metrics_sample{
                .error_rate = 0.0, .satisfaction_score = 5.0, .conversation_count = 1200}));
}

TEST(metrics_answer, has_its_numbers_as_they_are_written) {
  const auto read = parse_metrics(
      R"({"x":[1,2.5],"avg_latency_ms":2000.0000000000002,"error_rate":0.05000000000000000001,)"
      R"("satisfaction_score":4.399999999999999,"conversation_count":999999999999})");
  ASSERT_TRUE(read);
  EXPECT_EQ(*read->avg_latency_ms, 2000.0000000000002);
  EXPECT_EQ(*read->error_rate, (text::decimal{0.05, 1}));
  EXPECT_EQ(*read->satisfaction_score, 4.399999999999999);
  EXPECT_EQ(read->conversation_count, 999'999'999'999);
  const auto whole = parse_metrics(R"({"avg_latency_ms":9007199254740993})");
  EXPECT_EQ(*whole->avg_latency_ms, (text::decimal{9007199254740992.0, 1}));
}

TEST(metrics_answer, just_outside_its_range_is_malformed) {
  EXPECT_FALSE(parse_metrics(R"({"error_rate":1.00000000000000000001})"));
  EXPECT_FALSE(parse_metrics(R"({"error_rate":-1e-400})"));
  EXPECT_TRUE(parse_metrics(R"({"error_rate":0.99999999999999999999})"));
}

TEST(metrics_answer, keeps_to_the_table_of_built_in_metrics) {
  for (const auto& metric : job::built_in_metrics) {
    const auto read = [&](double value) {
      return parse_metrics(fmt::format(R"({{"{}":{}}})", metric.name, value));
    };
    EXPECT_TRUE(read(metric.least)) << metric.name;
    EXPECT_FALSE(read(metric.least - 0.001)) << metric.name;
    const double high = std::min(metric.most, 1e9);
    const auto within = read(high);
    ASSERT_TRUE(within) << metric.name;
    EXPECT_EQ(value_of(*within, metric), high) << metric.name;
    EXPECT_EQ(read(high + 0.001).has_value(), high < metric.most) << metric.name;
  }
}

TEST(metrics_answer, may_lack_metrics_or_have_null) {
  EXPECT_EQ(parse_metrics("{}"), judge::metrics_sample{});
  EXPECT_EQ(parse_metrics(R"({"error_rate":null,"conversation_count":3})"),
            judge::metrics_sample{.conversation_count = 3});
}

TEST(metrics_answer, may_tell_how_many_gave_a_score) {
  EXPECT_EQ(parse_metrics(R"({"satisfaction_score":4,"satisfaction_count":7})"),
            (judge::metrics_sample{.satisfaction_score = 4.0, .satisfaction_count = 7}));
}

TEST(metrics_answer, has_the_further_metrics_that_are_asked_for) {
  const std::vector<std::string> further{"p95", "drift", "handovers", "goals"};
  EXPECT_EQ(
      parse_metrics(R"({"error_rate":0.05,"drift":-0.25,"p95":900,"goals":null,"cost":3})",
                    further),
      (judge::metrics_sample{.error_rate = 0.05, .further = {{"p95", 900.0}, {"drift", -0.25}}}));
}

TEST(metrics_answer, with_a_further_metric_that_is_no_number_is_never_a_sample) {
  const std::vector<std::string> further{"p95"};
  for (const auto* body : {R"({"p95":"900"})", R"({"p95":{"value":900}})", R"({"p95":true})"}) {
    const auto result = parse_metrics(body, further);
    ASSERT_FALSE(result) << body;
    EXPECT_THAT(result.error(), HasSubstr("p95 is not a number"));
    EXPECT_TRUE(parse_metrics(body)) << body;
  }
}

struct hostile_case {
  std::string_view body;
  std::string_view problem;
};

std::string nested(std::size_t depth) {
  return R"({"x":)" + std::string(depth, '[') + std::string(depth, ']') + "}";
}

const std::string too_deep = nested(32);

class hostile_metrics : public testing::TestWithParam<hostile_case> {};

TEST_P(hostile_metrics, are_never_a_sample) {
  const auto result = parse_metrics(GetParam().body);
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error(), HasSubstr(GetParam().problem));
}

INSTANTIATE_TEST_SUITE_P(
    metrics_answer, hostile_metrics,
    testing::Values(
        hostile_case{"", "not JSON"}, hostile_case{"<html>", "not JSON"},
        hostile_case{R"({"error_rate":0.1} x)", "not JSON"},
        hostile_case{R"({"error_rate":0.1}{})", "not JSON"},
        hostile_case{R"({"error_rate":0.1,})", "not JSON"},
        hostile_case{R"({"error_rate":0.1)", "not JSON"},
        hostile_case{R"({"error_rate":NaN})", "not JSON"},
        hostile_case{R"({"error_rate":Infinity})", "not JSON"},
        hostile_case{R"({"error_rate":-Infinity})", "not JSON"},
        hostile_case{"{\"note\":\"\xff\"}", "not JSON"}, hostile_case{too_deep, "not JSON"},
        hostile_case{R"({"error_rate":1e400})", "out of range"},
        hostile_case{R"({"other":[{"deep":-1e400}]})", "out of range"},
        hostile_case{R"([])", "not an object"}, hostile_case{"null", "not an object"},
        hostile_case{"3", "not an object"},
        hostile_case{R"({"error_rate":0.1,"error_rate":0.2})", "error_rate appears twice"},
        hostile_case{R"({"error_rate":0.1,"error\u005frate":0.2})", "appears twice"},
        hostile_case{R"({"x":[{"a":1,"b":2,"a":1}]})", "a appears twice"},
        hostile_case{R"({"error_rate":"0.1"})", "error_rate is not a number"},
        hostile_case{R"({"error_rate":true})", "error_rate is not a number"},
        hostile_case{R"({"error_rate":[0.1]})", "error_rate is not a number"},
        hostile_case{R"({"error_rate":1.01})", "error_rate is 1.01, allowed is 0 to 1"},
        hostile_case{R"({"error_rate":-0.01})", "error_rate is -0.01"},
        hostile_case{R"({"satisfaction_score":5.01})", "satisfaction_score is 5.01"},
        hostile_case{R"({"satisfaction_score":-1})", "satisfaction_score is -1"},
        hostile_case{R"({"avg_latency_ms":-1})", "avg_latency_ms is -1, allowed is at least 0"},
        hostile_case{R"({"conversation_count":-1})", "conversation_count is -1"},
        hostile_case{R"({"conversation_count":1.5})", "allowed are whole numbers"},
        hostile_case{R"({"satisfaction_count":-1})", "satisfaction_count is -1"},
        hostile_case{R"({"satisfaction_count":1.5})", "allowed are whole numbers"},
        hostile_case{R"({"conversation_count":1e19})", "conversation_count is 1e+19"},
        hostile_case{R"({"conversation_count":18446744073709551615})", "conversation_count is"}));

TEST(deploy_answer, has_the_id_in_either_spelling) {
  EXPECT_EQ(parse_deployed(R"({"deploymentId":"d-1"})"), "d-1");
  EXPECT_EQ(parse_deployed(R"({"deployment_id":"d-1","status":"active"})"), "d-1");
  EXPECT_EQ(parse_deployed(R"({"deploymentId":"d-1","deployment_id":"d-1"})"), "d-1");
}

TEST(deploy_answer, may_lack_the_id) {
  EXPECT_EQ(parse_deployed(""), "");
  EXPECT_EQ(parse_deployed("\r\n"), "");
  EXPECT_EQ(parse_deployed("{}"), "");
  EXPECT_EQ(parse_deployed(R"({"deploymentId":null})"), "");
}

TEST(deploy_answer, may_have_a_number_as_the_id_whose_digits_count) {
  EXPECT_EQ(parse_deployed(R"({"deploymentId":7})"), "7");
  EXPECT_EQ(parse_deployed(R"({"deployment_id":0, "n":[1,{"x":2.5}]})"), "0");
  EXPECT_EQ(parse_deployed(R"({"n":[1,{"x":2.5}],"deploymentId":9007199254740993})"),
            "9007199254740993");
  EXPECT_EQ(parse_deployed(R"({"deploymentId":12345678901234567890123456789012})"),
            "12345678901234567890123456789012");
  EXPECT_EQ(parse_deployed(R"({"deploymentId":"7","deployment_id":7})"), "7");
}

TEST(deploy_answer, may_have_any_text_as_the_id_that_can_be_one_segment_of_a_path) {
  for (const auto* id : {"a/b", "a?b=c", "%2e%2e", "%2e", "...", "a b", "#", "\u00fc", ";", "~"}) {
    const auto body = std::string{R"({"deploymentId":")"} + id + R"("})";
    EXPECT_TRUE(parse_deployed(body)) << body;
  }
}

TEST(deploy_answer, with_an_unusable_id_is_malformed) {
  for (const auto* body :
       {R"({"deploymentId":"a","deployment_id":"b"})", R"({"deploymentId":"a\nb"})", R"("d-1")",
        "created", R"({"deploymentId":7.5})", R"({"deploymentId":-7})", R"({"deploymentId":1e3})",
        R"({"deploymentId":true})", R"({"deploymentId":["d"]})", R"({"deploymentId":"."})",
        R"({"deploymentId":".."})", R"({"deploymentId":"a\u0000b"})",
        R"({"deploymentId":7,"deployment_id":8})"})
    EXPECT_FALSE(parse_deployed(body)) << body;
  EXPECT_FALSE(parse_deployed(R"({"deploymentId":")" + std::string(1025, 'x') + R"("})"));
  EXPECT_TRUE(parse_deployed(R"({"deploymentId":")" + std::string(1024, 'x') + R"("})"));
}

TEST(deployment_answer, is_read) {
  const auto found = parse_deployment(
      R"({"deploymentId":"d","status":"active","version":"2.1","traffic_matrix":{"stable":95,"canary":5},)"
      R"("botId":"b","environmentId":"e","createdAt":"2026-01-01T00:00:00Z"})");
  EXPECT_EQ(found, (canary::deployment{.id = "d",
                                       .version = "2.1",
                                       .status = "active",
                                       .canary_percent = 5.0,
                                       .bot_id = "b",
                                       .environment_id = "e",
                                       .created_at = "2026-01-01T00:00:00Z"}));
}

TEST(deployment_answer, with_a_wrong_type_or_range_is_malformed) {
  for (const auto* body :
       {R"({"status":1})", R"({"traffic_matrix":5})", R"({"traffic_matrix":{"canary":"5"}})",
        R"({"traffic_matrix":{"canary":101}})", "[]", "x"})
    EXPECT_FALSE(parse_deployment(body)) << body;
}

TEST(deployment_list, is_an_array_or_an_object_with_items) {
  for (const auto* body :
       {R"([{"deploymentId":"a"},{"deployment_id":"b","created_at":17}])",
        R"({"items":[{"deploymentId":"a"},{"deployment_id":"b","created_at":17}]})"}) {
    const auto list = parse_deployments(body);
    ASSERT_TRUE(list) << list.error();
    ASSERT_EQ(list->items.size(), 2U);
    EXPECT_EQ(list->items.at(0).id, "a");
    EXPECT_EQ(list->items.at(1).id, "b");
    EXPECT_EQ(list->items.at(1).created_at, "17");
    EXPECT_TRUE(list->unreadable.empty());
    EXPECT_EQ(list->next, "");
  }
}

TEST(deployment_list, may_be_empty_in_many_ways) {
  for (const auto* body :
       {"[]", R"({"items":[]})", "null", R"({"items":null})", "", " \n", " null ", "\xEF\xBB\xBF",
        "\xEF\xBB\xBFnull", R"({"items":null,"next":null})"})
    EXPECT_EQ(parse_deployments(body), page<canary::deployment>{}) << body;
}

TEST(deployment_list, of_another_shape_is_malformed) {
  for (const auto* body :
       {"{}", R"({"items":{}})", R"({"items":3})", "3", R"("none")", "false", R"({"error":"no"})",
        R"({"items":[],"next":true})", R"({"items":[],"next":{"href":"x"}})"})
    EXPECT_FALSE(parse_deployments(body)) << body;
}

TEST(deployment_list, passes_over_what_cannot_be_read) {
  for (const auto* odd :
       {"null", "1", "[]", R"({"status":"active"})", R"({"deploymentId":""})",
        R"({"deploymentId":".."})", R"({"deploymentId":{}})",
        R"({"deploymentId":"x","version":{}})", R"({"deploymentId":"x","status":1})"}) {
    const auto list = parse_deployments(std::string{R"([{"deploymentId":"a"},)"} + odd +
                                        R"(,{"deploymentId":7,"version":2.10}])");
    ASSERT_TRUE(list) << odd << list.error();
    ASSERT_EQ(list->items.size(), 2U) << odd;
    EXPECT_EQ(list->items.at(1).id, "7");
    EXPECT_EQ(list->items.at(1).version, "2.10");
    EXPECT_EQ(list->unreadable.size(), 1U) << odd;
    EXPECT_NE(list->problem, "") << odd;
  }
}

TEST(deployment_list, tells_what_can_be_read_of_an_item_that_is_passed_over) {
  const auto list = parse_deployments(R"([{"version":"2.1","status":"active","botId":"b"}])");
  ASSERT_TRUE(list);
  ASSERT_EQ(list->unreadable.size(), 1U);
  EXPECT_EQ(list->unreadable.at(0).version, "2.1");
  EXPECT_EQ(list->unreadable.at(0).status, "active");
  EXPECT_EQ(list->unreadable.at(0).bot_id, "b");
}

TEST(deployment_list, keeps_a_deployment_whose_share_is_of_no_use) {
  for (const auto* share : {"5", R"({"canary":"5"})", R"({"canary":101})", "[]"}) {
    const auto list =
        parse_deployments(std::string{R"([{"deploymentId":"a","traffic_matrix":)"} + share + "}]");
    ASSERT_TRUE(list);
    ASSERT_EQ(list->items.size(), 1U) << share;
    EXPECT_FALSE(list->items.at(0).canary_percent);
    EXPECT_TRUE(list->unreadable.empty());
  }
}

TEST(deployment_list, says_where_the_next_page_is) {
  const auto next = [](std::string_view value) {
    const auto list = parse_deployments(fmt::format(R"({{"items":[],"next":{}}})", value));
    return list ? list->next : "error: " + list.error();
  };
  EXPECT_EQ(next(R"("/api/v1/deployments?page=2")"), "/api/v1/deployments?page=2");
  EXPECT_EQ(next(R"("eyJpZCI6Mn0=")"), "eyJpZCI6Mn0=");
  EXPECT_EQ(next("20"), "20");
  for (const auto* none : {"null", R"("")", "false"})
    EXPECT_EQ(next(none), "") << none;
}

TEST(webhook_list, is_read) {
  const auto list =
      parse_webhooks(R"({"items":[{"name":"n","url":"u","events":["a","b"],"active":true},{}]})");
  ASSERT_TRUE(list);
  EXPECT_EQ(list->items,
            (std::vector<webhook>{{.name = "n", .url = "u", .events = {"a", "b"}}, {}}));
}

TEST(webhook_list, passes_over_what_cannot_be_read) {
  for (const auto* body : {R"([{"events":"a"},{"name":"n"}])", R"([{"events":[1]},{"name":"n"}])",
                           R"([{"url":1},{"name":"n"}])", R"([7,{"name":"n"}])"}) {
    const auto list = parse_webhooks(body);
    ASSERT_TRUE(list) << body;
    EXPECT_EQ(list->items, (std::vector<webhook>{{.name = "n", .url = {}, .events = {}}})) << body;
    EXPECT_EQ(list->unreadable.size(), 1U) << body;
  }
}

TEST(version_list, has_texts_numbers_or_objects) {
  const auto list = parse_versions(R"(["1.0",{"version":"2.0"},1,{"version":2.10},[3],null])");
  ASSERT_TRUE(list);
  EXPECT_EQ(list->items, (std::vector<std::string>{"1.0", "2.0", "1", "2.10"}));
  EXPECT_EQ(list->unreadable.size(), 2U);
}

TEST(json_answers, may_begin_with_a_byte_order_mark) {
  const std::string mark = "\xEF\xBB\xBF";
  EXPECT_EQ(parse_metrics(mark + R"({"error_rate":0.25})", {}).value().error_rate, 0.25);
  EXPECT_THAT(parse_versions(mark + R"(["1.0"])").value().items, testing::ElementsAre("1.0"));
  EXPECT_FALSE(parse_metrics(mark + mark + "{}", {}));
  EXPECT_FALSE(parse_metrics(mark, {}));
}

}  // namespace
}  // namespace canaryd::platform::deployments
