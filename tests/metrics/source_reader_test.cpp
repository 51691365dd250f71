#include "canaryd/async/task_group.hpp"

#include "source_reader_fixture.hpp"

namespace canaryd::metrics {
namespace {

async::task<> read_and_forget(arm_reader& reader) {
  co_await reader.read(sample_query());
}

TEST_F(source_reader_test, a_prometheus_is_asked_for_the_end_of_the_window) {
  make({prom()}, {query("avg_latency_ms", "lat{bot='{bot_id}'}")});
  web.answers = {answer(200, sample_of(300))};
  EXPECT_EQ(read(), judge::metrics_sample{.avg_latency_ms = 300.0});
  const auto& sent = web.requests.front().message;
  EXPECT_EQ(sent.target.host, "prom.example");
  EXPECT_EQ(sent.target.target,
            "/api/v1/query?query=lat%7Bbot%3D%27orders%27%7D&time=1767226500.000");
  EXPECT_EQ(platform::header_of(sent, "X-API-Key"), "hush");
  EXPECT_EQ(platform::header_of(sent, "Accept"), "application/json");
}

TEST_F(source_reader_test, numerator_and_denominator_make_a_rate_with_a_count) {
  make({prom()}, {rate("error_rate", "failed", "all")});
  web.reply_to = [](const net::request& message) {
    return answer(200, sample_of(message.target.target.contains("failed") ? 3 : 120), 1s);
  };
  EXPECT_EQ(read(), (judge::metrics_sample{.error_rate = 0.025, .counts = {{"error_rate", 120}}}));
  EXPECT_EQ(web.most_under_way, 2);
}

TEST_F(source_reader_test, extrapolated_conversations_are_rounded) {
  make({prom()}, {query("conversation_count", "sum(increase(c[{window}]))")});
  web.answers = {answer(200, sample_of(99.75))};
  EXPECT_EQ(read(), judge::metrics_sample{.conversation_count = 100});
}

TEST_F(source_reader_test, all_sources_are_asked_at_the_same_time) {
  make({prom(), desk(), odata(), haproxy()},
       {query("avg_latency_ms", "x"), pointer("escalations", "/r", "/n"),
        figure("conversation_count", odata_figure::conversation_count),
        figure("slow_rate", odata_figure::slow_rate)});
  web.reply_to = [](const net::request& message) {
    return message.target.host == "prom.example" ? answer(200, sample_of(300), 1s)
                                                 : answer(200, R"({"value":[]})", 1s);
  };
  other_web.answers = {answer(200, R"({"r":0.5,"n":8})", 1s)};
  const auto begun = async::clock::now();
  auto asked = sample_query();
  asked.further = {"escalations", "slow_rate"};
  EXPECT_EQ(read(asked), (judge::metrics_sample{.avg_latency_ms = 300.0,
                                                .conversation_count = 0,
                                                .further = {{"escalations", 0.5}},
                                                .counts = {{"escalations", 8}}}));
  EXPECT_EQ(async::clock::now() - begun, 1s);
  EXPECT_EQ(web.most_under_way, 3);
  EXPECT_EQ(other_web.requests.front().message.target.target, "/canary");
}

TEST_F(source_reader_test, what_no_job_looks_at_is_not_asked_for) {
  make({desk()}, {pointer("escalations", "/r")});
  EXPECT_EQ(read(), judge::metrics_sample{});
  EXPECT_TRUE(other_web.requests.empty());
}

TEST_F(source_reader_test, a_503_with_a_text_is_an_error_that_names_the_source) {
  make({prom()}, {query("avg_latency_ms", "x")});
  web.answers = {answer(503, "no healthy upstream")};
  const auto sample = read();
  ASSERT_FALSE(sample);
  EXPECT_EQ(sample.error().text, "source prom: metrics: 503 try again later: no healthy upstream");
  EXPECT_EQ(sample.error().kind, fault::try_again);
  EXPECT_EQ(web.requests.size(), 3U);
}

TEST_F(source_reader_test, one_repeat_may_mend_a_broken_connection) {
  make({prom()}, {query("avg_latency_ms", "x")});
  web.answers = {platform::failure(fault::lost), answer(200, sample_of(1))};
  EXPECT_EQ(read(), judge::metrics_sample{.avg_latency_ms = 1.0});
  EXPECT_TRUE(web.requests.back().message.fresh_connection);
}

TEST_F(source_reader_test, what_is_refused_is_not_repeated) {
  make({prom()}, {query("avg_latency_ms", "x")});
  web.answers = {answer(400, R"({"status":"error","errorType":"bad_data","error":"parse error"})")};
  EXPECT_TRUE(problem().starts_with("source prom: metrics: 400 refused: "));
  EXPECT_EQ(web.requests.size(), 1U);
}

TEST_F(source_reader_test, several_samples_and_infinity_are_errors_of_the_source) {
  make({prom()}, {query("avg_latency_ms", "x")});
  web.answers = {answer(
      200,
      R"({"status":"success","data":{"resultType":"vector","result":[{"value":[1,"+Inf"]}]}})")};
  EXPECT_TRUE(problem().starts_with("source prom: metrics: malformed answer: the value is +Inf"));
}

TEST_F(source_reader_test, a_value_out_of_bounds_is_an_error_of_the_metric) {
  make({prom(), desk()}, {query("error_rate", "x"), pointer("satisfaction_score", "/s")});
  web.answers = {answer(200, sample_of(1.5))};
  other_web.answers = {answer(200, R"({"s":7})")};
  EXPECT_EQ(
      problem(),
      "source prom: error_rate: it is 1.5, allowed is 0 to 1; source desk: metrics: malformed "
      "answer: satisfaction_score: it is 7, allowed is 0 to 5: {\"s\":7}");
}

TEST_F(source_reader_test, no_error_shows_a_secret) {
  make({desk()}, {pointer("avg_latency_ms", "/r")});
  other_web.answers = {answer(401, "the key hush is not known")};
  EXPECT_EQ(problem(), "source desk: metrics: 401 not authorized: the key [redacted] is not known");
}

TEST_F(source_reader_test, a_source_that_does_not_answer_is_an_error_in_time) {
  make({prom(), desk()}, {query("avg_latency_ms", "x"), pointer("error_rate", "/r")});
  web.answers = {platform::silence()};
  other_web.answers = {answer(200, R"({"r":0})")};
  const auto begun = async::clock::now();
  EXPECT_EQ(problem(), "source prom: metrics: no whole answer");
  EXPECT_LE(async::clock::now() - begun, sample_query().time);
}

TEST_F(source_reader_test, a_cancelled_read_ends_at_every_source) {
  make({prom(), desk()}, {rate("error_rate", "failed", "all"), pointer("avg_latency_ms", "/r")});
  web.answers = {platform::silence()};
  other_web.answers = {platform::silence()};
  async::task_group tasks{time.executor()};
  tasks.spawn(read_and_forget(*reader));
  time.settle();
  EXPECT_EQ(web.under_way + other_web.under_way, 3);
  tasks.cancel();
  time.settle();
  EXPECT_EQ(tasks.size(), 0U);
  EXPECT_EQ(web.cancelled + other_web.cancelled, 3);
}

TEST_F(source_reader_test, without_a_value_for_a_placeholder_nothing_is_sent) {
  make({prom()}, {query("avg_latency_ms", "x{s='{snapshot_id}'}")});
  auto asked = sample_query();
  asked.snapshot_id.clear();
  EXPECT_EQ(problem(asked), "source prom: there is no value for {snapshot_id}");
  EXPECT_TRUE(web.requests.empty());
}

TEST_F(source_reader_test, a_429_slows_the_source_down) {
  make({prom()}, {query("avg_latency_ms", "x")});
  web.answers = {answer(429, "", {}, {{"Retry-After", "3"}}), answer(200, sample_of(1))};
  const auto begun = async::clock::now();
  EXPECT_TRUE(read());
  EXPECT_GE(async::clock::now() - begun, 3s);
}

TEST_F(source_reader_test, a_configuration_that_does_not_fit_makes_no_reader) {
  const auto made = make_source_reader({prom()}, {pointer("error_rate", "/r")}, [] { return 0.5; });
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().text, "the metric \"error_rate\": there is no source \"desk\"");
}

}  // namespace
}  // namespace canaryd::metrics
