#include "canaryd/daemon/tell/metrics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <prometheus/text_serializer.h>
#include <sstream>

namespace canaryd::daemon {
namespace {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;
using prometheus::Histogram;
using prometheus::Registry;
using bounds = Histogram::BucketBoundaries;

// From the time of a request on the same machine to beyond the default request_timeout.
const bounds request_seconds{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60};
// From no wait to the whole window of the default rate budget.
const bounds wait_seconds{0.001, 0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300};
const bounds lateness_seconds{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300};
// A failing disk delays a rollback by one second; a missing token delays it longer.
const bounds dispatch_seconds{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300};
const bounds lag_seconds{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};

struct outcome {
  const char* status;
  const char* reason;
};

// Every way a job can end (reference: "States and reasons"). All counters exist from the start: if
// a counter first appears as 1, Prometheus sees no increase.
constexpr outcome outcomes[] = {
    {"promoted_to_stable", "passed"},
    {"promoted_to_stable", "proven_early"},
    {"promoted_to_stable", "inconclusive"},
    {"promoted_to_stable", "operator_promote"},
    {"promoted_to_stable", "external_change"},
    {"rolled_back", "threshold_breach"},
    {"rolled_back", "hard_limit"},
    {"rolled_back", "provider_unavailable"},
    {"rolled_back", "inconclusive"},
    {"rolled_back", "operator_abort"},
    {"rolled_back", "gate_timeout"},
    {"rolled_back", "step_refused"},
    {"rolled_back", "promote_refused"},
    {"rolled_back", "external_change"},
    {"failed", "deploy_refused"},
    {"failed", "provider_unavailable"},
    {"failed", "operator_abort"},
};

Family<Counter>& make_counter(Registry& registry, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

Family<Gauge>& make_gauge(Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
}

Family<Histogram>& make_histogram(Registry& registry, const char* name, const char* help) {
  return prometheus::BuildHistogram().Name(name).Help(help).Register(registry);
}

// A label whose value is the word of an enumerator.
template <class Enumerator>
std::pair<const std::string, std::string> label(const char* name, Enumerator value) {
  return {name, std::string{to_string(value)}};
}

void count_up_to(Counter& counter, std::uint64_t total) {
  counter.Increment(static_cast<double>(total) - counter.Value());
}

}  // namespace

metrics::metrics(std::size_t max_job_series)
    : jobs_by_state_{make_gauge(registry_, "canaryd_jobs", "Jobs that the daemon has, by state.")},
      outcomes_{make_counter(registry_, "canaryd_job_outcomes_total",
                             "Jobs that have ended, by how and why.")},
      jobs_{registry_, max_job_series},
      requests_{make_counter(registry_, "canaryd_api_requests_total",
                             "Requests to the API, by call and HTTP status; code=\"error\" if "
                             "no answer came.")},
      request_seconds_{
          make_histogram(registry_, "canaryd_api_request_seconds",
                         "Time from sending a request to the end of its answer, by call.")},
      token_refreshes_{make_counter(registry_, "canaryd_token_refreshes_total",
                                    "Requests for an access token, by outcome.")},
      rate_limit_wait_{make_histogram(registry_, "canaryd_rate_limit_wait_seconds",
                                      "How long requests waited for the shared rate budget.")},
      poll_lateness_{make_histogram(registry_, "canaryd_poll_lateness_seconds",
                                    "How late polls were sent after they were due.")
                         .Add({}, lateness_seconds)},
      rollback_dispatch_{make_histogram(registry_, "canaryd_rollback_dispatch_seconds",
                                        "Time from the decision to roll back to the first rollback "
                                        "call going out.")
                             .Add({}, dispatch_seconds)},
      outbox_records_{make_gauge(registry_, "canaryd_audit_outbox_records",
                                 "Audit records that wait to be delivered.")
                          .Add({})},
      config_in_force_{make_gauge(registry_, "canaryd_config_last_reload_successful",
                                  "1 if the configuration file, as it was last read, is in "
                                  "force; 0 if it is refused.")
                           .Add({})},
      config_accepted_at_{make_gauge(registry_,
                                     "canaryd_config_last_reload_success_timestamp_seconds",
                                     "When the configuration in force was accepted.")
                              .Add({})},
      log_lines_dropped_{make_counter(registry_, "canaryd_log_lines_dropped_total",
                                      "Log lines that were lost because nobody read them.")
                             .Add({})},
      loop_lag_{make_histogram(registry_, "canaryd_event_loop_lag_seconds",
                               "How late a timer on the event loop ran.")
                    .Add({}, lag_seconds)} {
  make_gauge(registry_, "canaryd_build_info", "Always 1; the version of the running daemon.")
      .Add({{"version", CANARYD_VERSION}})
      .Set(1);
  auto& readings =
      make_counter(registry_, "canaryd_readings_total", "Readings of all canaries, by verdict.");
  for (std::size_t i = 0; i < verdict_count; ++i)
    readings_[i] = &readings.Add({label("verdict", static_cast<judge::verdict>(i))});
  for (const auto& known : outcomes)
    outcomes_.Add({{"status", known.status}, {"reason", known.reason}});
}

platform_series& metrics::of(const std::string& platform) {
  const auto [found, is_new] = platforms_.try_emplace(platform);
  auto& series = found->second;
  if (!is_new)
    return series;
  series.requests_ = &requests_;
  if (platform != job::default_platform)
    series.labels_ = {{"platform", platform}};
  series.wait_ = &rate_limit_wait_.Add(series.labels_, wait_seconds);
  for (std::size_t i = 0; i < platform::call_count; ++i) {
    auto labels = series.labels_;
    labels.insert(label("call", static_cast<platform::call>(i)));
    series.calls_[i].took = &request_seconds_.Add(labels, request_seconds);
  }
  return series;
}

void platform_series::note_call(platform::call which, int status, duration took) {
  requests_of(which, status).Increment();
  calls_[static_cast<std::size_t>(which)].took->Observe(
      std::chrono::duration<double>{took}.count());
}

Counter& platform_series::requests_of(platform::call which, int status) {
  auto& known = calls_[static_cast<std::size_t>(which)].by_status;
  const auto found = std::ranges::find(known, status, &std::pair<int, Counter*>::first);
  if (found != known.end())
    return *found->second;
  auto labels = labels_;
  labels.insert(label("call", which));
  labels.insert({"code", status == 0 ? "error" : fmt::to_string(status)});
  auto& added = requests_->Add(labels);
  known.emplace_back(status, &added);
  return added;
}

void metrics::note_end(canary::canary_state status, canary::reason why) {
  outcomes_.Add({label("status", status), label("reason", why)}).Increment();
}

std::string metrics::text(const metrics_snapshot& present) {
  for (std::size_t i = 0; i < present.jobs_by_state.size(); ++i) {
    auto& jobs = jobs_by_state_.Add({label("state", static_cast<canary::canary_state>(i))});
    jobs.Set(static_cast<double>(present.jobs_by_state[i]));
  }
  jobs_by_state_.Add({{"state", "unreadable"}}).Set(static_cast<double>(present.unreadable_jobs));
  outbox_records_.Set(static_cast<double>(present.outbox_records));
  count_up_to(log_lines_dropped_, present.log_lines_dropped);
  for (const auto& [platform, tokens] : present.tokens) {
    const auto count = [&](const char* result, std::uint64_t total) {
      auto labels = of(platform).labels_;
      labels.insert({"result", result});
      count_up_to(token_refreshes_.Add(labels), total);
    };
    count("succeeded", tokens.succeeded);
    count("refused", tokens.refused);
    count("failed", tokens.failed);
  }
  config_in_force_.Set(present.config_is_in_force ? 1 : 0);
  config_accepted_at_.Set(
      std::chrono::duration<double>{present.config_accepted_at.time_since_epoch()}.count());
  std::ostringstream out;
  prometheus::TextSerializer{}.Serialize(out, registry_.Collect());
  return std::move(out).str();
}

}  // namespace canaryd::daemon
