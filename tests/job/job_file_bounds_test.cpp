#include "canaryd/job/job_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "job_file_samples.hpp"
#include <algorithm>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace canaryd::job {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

struct bound {
  std::string_view pointer;
  std::vector<std::string_view> allowed;
  std::vector<std::string_view> refused;
};

std::ostream& operator<<(std::ostream& out, const bound& tested) {
  return out << tested.pointer;
}

class job_file_bounds : public testing::TestWithParam<bound> {};

TEST_P(job_file_bounds, are_the_documented_ones) {
  const auto& [pointer, allowed, refused] = GetParam();
  for (const auto value : allowed)
    EXPECT_THAT(problems_of(with(pointer, value)), SizeIs(0)) << pointer << " " << value;
  for (const auto value : refused)
    EXPECT_THAT(problems_of(with(pointer, value)), ElementsAre(problem_at(pointer, "allowed is")))
        << pointer << " " << value;
}

constexpr std::string_view text_128 =
    R"("aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggggggggghhhhhhhhhhiiiiiiiiiijjjjjjjjjjkkkkkkkkkkllllllllll12345678")";
constexpr std::string_view text_129 =
    R"("aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggggggggghhhhhhhhhhiiiiiiiiiijjjjjjjjjjkkkkkkkkkkllllllllll123456789")";

const std::vector<std::string_view> identifiers{R"("a")", R"("A-b_c.d:e+f9")", text_128};
const std::vector<std::string_view> no_identifiers{R"("")",
                                                   text_129,
                                                   R"("a b")",
                                                   R"("a/b")",
                                                   R"("../../etc/passwd")",
                                                   R"("a\\b")",
                                                   R"("a\u0000")",
                                                   R"("a\n")",
                                                   R"("ä")",
                                                   R"("%2e%2e")",
                                                   R"("{bot_id}")",
                                                   R"("a?b")",
                                                   "1",
                                                   "null",
                                                   "true",
                                                   "[]",
                                                   "{}"};

INSTANTIATE_TEST_SUITE_P(
    all, job_file_bounds,
    testing::Values(
        bound{"/bot_id", identifiers, no_identifiers},
        bound{"/environment_id", identifiers, no_identifiers},
        bound{"/version", identifiers, no_identifiers},
        bound{"/traffic_matrix", {}, {"null", "5", "[95, 5]", R"("95/5")"}},
        bound{"/traffic_matrix/stable", {"95", "94.9", "95.1"}, {"-1", "101", R"("95")", "null"}},
        bound{"/traffic_matrix/canary", {"5", "4.9", "5.1"}, {"0", "-5", "101", R"("5%")", "null"}},
        bound{"/max_traffic_percentage",
              {"5", "100", "99.9"},
              {"0.99", "100.1", "0", "-1", "1e400", R"("10")", "null", "true"}},
        bound{"/rollback_thresholds", {"{}"}, {"null", "0.05", "[]"}},
        bound{"/rollback_thresholds/error_rate",
              {"0", "1", "0.05"},
              {"-0.01", "1.01", "5", R"("5%")"}},
        bound{
            "/rollback_thresholds/satisfaction_score", {"0", "5", "3.5"}, {"-0.1", "5.1", "null"}},
        bound{"/rollback_thresholds/max_latency_ms",
              {"0.001", "1", "1e9"},
              {"0", "-1", "1e400", R"("1500ms")"}},
        bound{"/enable_metric_aggregation", {"true", "false"}, {"0", "1", R"("true")", "null"}},
        bound{"/webhook_url",
              {R"("https://example.com/hook?x=1")", R"("http://127.0.0.1:8080/")"},
              {R"("")", R"("example.com")", R"("http://example.com/")",
               R"("https://a:b@example.com/")", R"("file:///etc/passwd")", "null", "1"}},
        bound{"/validation_interval",
              {"5", "900", R"("5s")", R"("15m")", "5.5"},
              {"4.999", R"("4s999ms")", "0", "-1", R"("")", R"("30")", R"("30 s")", R"("31d")",
               "2592001", "1e400", "null", "true", "{}"}},
        bound{"/validation_duration",
              {"60", "2592000", R"("30d")", R"("1h30m")"},
              {"0", "-1", "2592001", R"("30d1ms")", R"("31d")", R"("forever")", "null", "59.9"}},
        bound{"/window_minutes",
              {"1", "1440", "15.0"},
              {"0", "1441", "1.5", "-1", R"("15m")", "null"}},
        bound{"/min_conversations",
              {"0", "1000000000", "1e9"},
              {"-1", "1000000001", "0.5", R"("50")"}},
        bound{"/failure_limit", {"1", "1000"}, {"0", "1001", "1.5", "-1", R"("1")", "null"}},
        bound{"/no_data_limit", {"0", "1000"}, {"-1", "1001", "0.5", "null"}},
        bound{"/provider_error_limit",
              {"1", "1000"},
              {"0", "1001", "18446744073709551615", "-9223372036854775808", "null"}},
        bound{"/on_inconclusive",
              {R"("extend")", R"("rollback")", R"("promote")"},
              {R"("Extend")", R"("")", "null", "0"}},
        bound{"/max_extension", {"0", "1", R"("30d")"}, {"-1", R"("31d")", "null"}},
        bound{"/gate_timeout",
              {"0.001", R"("1ms")", R"("30d")"},
              {"0", R"("0s")", R"("31d")", "null"}},
        bound{"/approve_promotion", {"true", "false"}, {"0", R"("yes")", "null"}},
        bound{"/analysis", {"{}"}, {"null", "[]", R"("threshold")"}},
        bound{"/analysis/method",
              {R"("threshold")", R"("sequential")"},
              {R"("Threshold")", R"("")", "null", "1"}},
        bound{"/analysis/compare_to",
              {R"("limit")", R"("stable")", R"("both")"},
              {R"("limits")", "null", "true"}},
        bound{"/analysis/alpha",
              {"1e-9", "0.05", "0.4999"},
              {"0", "0.5", "1", "-0.05", "5e-400", R"("5%")", "null"}},
        bound{"/analysis/tolerated_ratio",
              {"1", "1.0", "1.5", "1e9"},
              {"0.999", "0", "-1", "1e400", "null"}},
        bound{"/analysis/promote_when", {R"("not_worse")"}, {R"("always")", "null", "true"}},
        bound{"/analysis/promote_early", {"false"}, {"0", R"("false")", "null"}},
        bound{"/analysis/hard_limits", {"{}"}, {"null", "0.5", "[]"}},
        bound{"/analysis/hard_limits/error_rate", {"0", "1", "0.5"}, {"-0.01", "1.01", "null"}},
        bound{
            "/analysis/hard_limits/satisfaction_score", {"0", "5", "1.5"}, {"-0.1", "5.1", "null"}},
        bound{
            "/analysis/hard_limits/max_latency_ms", {"0.001", "1e9"}, {"0", "-1", "1e400", "null"}},
        bound{"/analysis/failure_limits", {"{}"}, {"null", "2", "[]"}},
        bound{"/analysis/failure_limits/error_rate",
              {"1", "1000"},
              {"0", "1001", "1.5", "-1", "null"}},
        bound{"/analysis/failure_limits/avg_latency_ms", {"2"}, {"0"}},
        bound{"/analysis/dry_run",
              {"[]", R"(["error_rate"])", R"(["error_rate", "avg_latency_ms"])"},
              {"null", R"("error_rate")", "{}"}},
        bound{"/analysis/optional",
              {"[]", R"(["error_rate"])", R"(["satisfaction_score", "avg_latency_ms"])"},
              {"null", R"("error_rate")", "{}"}},
        bound{"/analysis/checks", {"[]"}, {"null", "{}", R"("a")"}},
        bound{"/labels", {"{}"}, {"null", "[]", R"("a=b")"}},
        bound{"/labels/team",
              {R"("a")", R"("grün")"},
              {R"("")", R"("a\nb")", R"("\u009b31m")", "\"\u202Eevil\"", R"("\u2028")", "1",
               "null"}}),
    [](const auto& instance) {
      std::string name{instance.param.pointer.substr(1)};
      std::ranges::replace(name, '/', '_');
      return name;
    });

}  // namespace
}  // namespace canaryd::job
