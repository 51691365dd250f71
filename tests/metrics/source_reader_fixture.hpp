// A reader over scripted servers, in virtual time.
#pragma once

#include "canaryd/metrics/source_reader.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "platform/scripted_transport.hpp"
#include "sample_query.hpp"
#include "support/virtual_time.hpp"
#include <memory>
#include <string>
#include <vector>

namespace canaryd::metrics {

using namespace std::chrono_literals;
using platform::answer;

inline std::string sample_of(double value) {
  return fmt::format(
      R"({{"status":"success","data":{{"resultType":"vector","result":[{{"value":[1,"{}"]}}]}}}})",
      value);
}

class scripted_splitter final : public platform::splitter {
 public:
  result<platform::backend_counters> counters = platform::backend_counters{.start = "a"};
  std::vector<std::string> backends;

  async::task<result<platform::basis_points>> read_share(std::string) override {
    co_return platform::basis_points{0};
  }
  async::task<result<void>> set_share(std::string, platform::basis_points) override {
    co_return result<void>{};
  }
  async::task<result<platform::backend_counters>> read_counters(std::string backend) override {
    backends.push_back(std::move(backend));
    co_return counters;
  }
};

class source_reader_test : public testing::Test {
 protected:
  ~source_reader_test() override { time.settle(); }

  source_access access_by(platform::scripted_transport& carrier) {
    return {.carrier = &carrier,
            .budget = &budget,
            .request_timeout = 2s,
            .headers = {{.name = "X-API-Key", .value = text::secret{std::string_view{"hush"}}}}};
  }

  source prom() {
    return {.name = "prom",
            .kind = prometheus_source{.url = "https://prom.example/", .access = access_by(web)}};
  }
  source desk() {
    return {.name = "desk",
            .kind = json_source{.url = *parse_url_template("https://desk.example/{arm}"),
                                .access = access_by(other_web)}};
  }
  source odata(duration lag = {}) {
    return {.name = "odata",
            .kind = odata_source{.url = "https://odata.example/v2.4", .access = access_by(web)},
            .lag = lag};
  }
  source haproxy() {
    return {.name = "haproxy",
            .kind = splitter_source{.splitter = &splitter, .backend_of = [](const auto& asked) {
                                      return asked.bot_id.empty() ? "" : asked.bot_id + "_canary";
                                    }}};
  }

  static sourced_metric rate(std::string name, std::string_view part, std::string_view whole) {
    return {.name = std::move(name),
            .source = "prom",
            .from = prometheus_metric{.query = *parse_promql_template(part),
                                      .denominator = *parse_promql_template(whole)}};
  }
  static sourced_metric query(std::string name, std::string_view text) {
    return {.name = std::move(name),
            .source = "prom",
            .from = prometheus_metric{.query = *parse_promql_template(text)}};
  }
  static sourced_metric pointer(std::string name, std::string value, std::string count = "") {
    return {.name = std::move(name),
            .source = "desk",
            .from = json_metric{.value = std::move(value), .count = std::move(count)}};
  }
  static sourced_metric figure(std::string name, odata_figure which) {
    return {.name = std::move(name),
            .source = "odata",
            .from = odata_metric{.figure = which, .above_ms = 3000.0}};
  }

  void make(std::vector<source> sources, std::vector<sourced_metric> metrics) {
    auto made = make_source_reader(std::move(sources), std::move(metrics), [] { return 0.5; });
    ASSERT_TRUE(made) << made.error().text;
    reader = *std::move(made);
  }

  result<judge::metrics_sample> read(arm_query asked = sample_query()) {
    return time.await(reader->read(std::move(asked)));
  }

  std::string problem(const arm_query& asked = sample_query()) {
    const auto sample = read(asked);
    return sample ? "none" : sample.error().text;
  }

  support::virtual_time time;
  platform::scripted_transport web;
  platform::scripted_transport other_web;
  scripted_splitter splitter;
  platform::rate_budget budget{time.executor(), {.requests = 60'000, .per = 60s}};
  std::unique_ptr<arm_reader> reader;
};

}  // namespace canaryd::metrics
