#include "studies.hpp"

#include <utility>

namespace canaryd::calibration {
namespace {

using namespace std::chrono_literals;
using job::comparison;
using job::judging_method;

// 5 % of 600 conversations a minute, so 15 at each reading, for 8 hours.
job::job held(judging_method method) {
  job::job spec;
  spec.bot_id = "bot";
  spec.environment_id = "env";
  spec.version = "1.0";
  spec.steps = {{.canary_percent = 5.0, .hold = 8h}};
  spec.validation_interval = 30s;
  spec.analysis.method = method;
  return spec;
}

// 8 hours in four shares, held against the stable arm by its error rate alone: the tests are what
// is tried here, not the threshold rule beside them.
job::job stepped(judging_method method, double tolerated_ratio) {
  auto spec = held(method);
  spec.steps.clear();
  for (const double percent : {5.0, 10.0, 25.0, 50.0})
    spec.steps.push_back({.canary_percent = percent, .hold = 2h});
  spec.analysis.compare_to = comparison::stable;
  spec.analysis.tolerated_ratio = tolerated_ratio;
  spec.analysis.dry_run = {"satisfaction_score", "avg_latency_ms"};
  return spec;
}

behaviour failing(double stable_error_rate, double error_ratio = 1.0) {
  behaviour how;
  how.stable_error_rate = [=](duration) { return stable_error_rate; };
  how.error_ratio = error_ratio;
  return how;
}

// The stable arm's error rate goes from 1 % to 9 % within 8 hours.
behaviour drifting(double error_ratio) {
  behaviour how;
  how.stable_error_rate = [](duration since) {
    return 0.01 + 0.08 * std::chrono::duration<double>{since} / 8h;
  };
  how.error_ratio = error_ratio;
  return how;
}

behaviour scoring(behaviour how, double score) {
  how.stable_score = how.canary_score = score;
  return how;
}

job::job with_failure_limit(job::job spec, std::int32_t limit) {
  spec.failure_limit = limit;
  return spec;
}

job::job without_minimum(job::job spec) {
  spec.min_conversations = 0;
  return spec;
}

job::job against_both(job::job spec) {
  spec.analysis.compare_to = comparison::both;
  spec.analysis.dry_run = {"avg_latency_ms"};
  return spec;
}

constexpr auto threshold = judging_method::threshold;
constexpr auto sequential = judging_method::sequential;

void add_healthy(std::vector<study>& all) {
  const auto few = demand::few_rolled_back;
  all.push_back({"threshold, min_conversations 0: 3 % errors, limit 5 %",
                 without_minimum(held(threshold)), failing(0.03)});
  all.push_back({"threshold: 3 % errors, limit 5 %", held(threshold), failing(0.03)});
  all.push_back({"threshold, failure_limit 5: 3 % errors, limit 5 %",
                 with_failure_limit(held(threshold), 5), failing(0.03)});
  all.push_back({"sequential: 3 % errors, limit 5 %", held(sequential), failing(0.03), few});
  all.push_back({"sequential: 5 % errors, limit 5 %", held(sequential), failing(0.05), few});
  all.push_back({"sequential: errors and scores at their limits", held(sequential),
                 scoring(failing(0.05), 3.5), few});
  all.push_back({"threshold, stable: as good as it, 1 to 9 % errors, 5 to 50 % of the traffic",
                 stepped(threshold, 1.0), drifting(1.0)});
  all.push_back({"sequential, stable: as good as it, 1 to 9 % errors, 5 to 50 % of the traffic",
                 stepped(sequential, 1.0), drifting(1.0), few});
  all.push_back({"sequential, stable, tolerated_ratio 2: twice its errors, likewise",
                 stepped(sequential, 2.0), drifting(2.0), few});
}

void add_bad(std::vector<study>& all) {
  const auto caught = demand::caught_within_an_hour;
  all.push_back({"threshold: 10 % errors, limit 5 %", held(threshold), failing(0.10)});
  all.push_back({"sequential: 10 % errors, limit 5 %", held(sequential), failing(0.10), caught});
  all.push_back({"sequential: 7 % errors, limit 5 %", held(sequential), failing(0.07)});
  all.push_back({"sequential: scores of 2.5, limit 3.5", held(sequential),
                 scoring(failing(0.01), 2.5), caught});
  all.push_back({"sequential, both: 10 % errors, stable 5 %, limit 5 %",
                 against_both(held(sequential)), failing(0.05, 2.0), caught});
  all.push_back({"sequential, stable: twice its 1 to 9 % errors, 5 to 50 % of the traffic",
                 stepped(sequential, 1.0), drifting(2.0)});
}

}  // namespace

std::vector<study> all_studies() {
  std::vector<study> all;
  add_healthy(all);
  add_bad(all);
  return all;
}

}  // namespace canaryd::calibration
