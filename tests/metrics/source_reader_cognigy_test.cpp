// What a reader makes of OData and of the splitter.
#include "source_reader_fixture.hpp"

namespace canaryd::metrics {
namespace {

TEST_F(source_reader_test, odata_is_paged_added_up_and_asked_once_a_collection) {
  make({odata(45min)}, {figure("conversation_count", odata_figure::conversation_count),
                        figure("satisfaction_score", odata_figure::satisfaction_score),
                        figure("avg_latency_ms", odata_figure::avg_latency_ms)});
  web.reply_to = [](const net::request& message) {
    const auto& target = message.target.target;
    if (target.contains("id%20gt"))
      return answer(200, R"({"value":[]})");
    if (target.contains("/Analytics"))
      return answer(200, R"({"value":[{"id":"1","executionTime":250}]})");
    return answer(200, R"({"value":[{"id":"1","sessionId":"a","rating":1},)"
                       R"({"id":"2","sessionId":"b","rating":null}]})");
  };
  EXPECT_EQ(read(), (judge::metrics_sample{.satisfaction_score = 5.0,
                                           .avg_latency_ms = 250.0,
                                           .conversation_count = 2,
                                           .satisfaction_count = 1}));
  EXPECT_EQ(web.requests.size(), 4U);
  EXPECT_TRUE(web.requests.front().message.target.target.contains("2025-12-31T23%3A15%3A00.000Z"));
}

TEST_F(source_reader_test, a_500_of_odata_past_the_end_is_no_error) {
  make({odata()}, {figure("conversation_count", odata_figure::conversation_count)});
  web.reply_to = [](const net::request& message) {
    const auto& target = message.target.target;
    return target.contains("id%20gt") ? answer(500, "{}")
                                      : answer(200, R"({"value":[{"id":"1","sessionId":"a"}]})");
  };
  EXPECT_EQ(read(), judge::metrics_sample{.conversation_count = 1});
  EXPECT_EQ(web.requests.size(), 3U);
}

TEST_F(source_reader_test, a_500_of_odata_to_everything_is_an_error) {
  make({odata()}, {figure("conversation_count", odata_figure::conversation_count)});
  web.answers = {answer(500, "broken")};
  EXPECT_EQ(problem(), "source odata: metrics: 500 try again later: broken");
  EXPECT_EQ(web.requests.size(), 2U);
}

TEST_F(source_reader_test, a_rating_of_7_is_an_error_and_no_reading) {
  make({odata()}, {figure("conversation_count", odata_figure::conversation_count)});
  web.answers = {answer(200, R"({"value":[{"id":"1","sessionId":"a","rating":7}]})")};
  EXPECT_TRUE(problem().starts_with("source odata: metrics: malformed answer: rating is 7"));
}

TEST_F(source_reader_test, an_arm_without_an_endpoint_is_an_error) {
  make({odata()}, {figure("conversation_count", odata_figure::conversation_count)});
  auto asked = sample_query();
  asked.endpoint_token.clear();
  EXPECT_EQ(problem(asked), "source odata: the canary arm has no endpoint");
}

TEST_F(source_reader_test, the_splitter_tells_an_error_rate_from_the_second_reading_on) {
  make({haproxy()}, {{.name = "error_rate", .source = "haproxy", .from = splitter_metric{}}});
  splitter.counters = platform::backend_counters{.start = "a", .requests = 100};
  EXPECT_EQ(read(), judge::metrics_sample{});
  time.run_for(30s);
  splitter.counters = platform::backend_counters{.start = "a", .requests = 160, .answers_5xx = 3};
  EXPECT_EQ(read(), (judge::metrics_sample{.error_rate = 0.05, .counts = {{"error_rate", 60}}}));
  EXPECT_EQ(splitter.backends, (std::vector<std::string>{"orders_canary", "orders_canary"}));
}

TEST_F(source_reader_test, a_splitter_that_fails_is_an_error_that_names_it) {
  make({haproxy()}, {{.name = "error_rate", .source = "haproxy", .from = splitter_metric{}}});
  splitter.counters = failure(fault::unreachable, "the socket is not there");
  EXPECT_EQ(problem(), "source haproxy: the socket is not there");
  auto asked = sample_query();
  asked.bot_id.clear();
  EXPECT_EQ(problem(asked), "source haproxy: no backend is configured for the canary arm");
}

}  // namespace
}  // namespace canaryd::metrics
