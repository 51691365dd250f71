#include "canaryd/daemon/tell/job_log.hpp"

#include "canaryd/daemon/tell/result_file.hpp"

namespace canaryd::daemon {

field platform_field(const std::string& name) {
  return {"platform", name, name != job::default_platform};
}

void tell(const store::job_record& job, const note& what) {
  const auto& canary = job.canary;
  log(what.level, what.about, what.text,
      {{"job", canary.job_id},
       platform_field(job.spec.platform),
       {"bot", job.spec.bot_id},
       {"environment", job.spec.environment_id},
       {"version", job.spec.version},
       {"state", to_string(state_of(canary))},
       {"deployment", canary.deployment_id, false},
       {"reason", why_of(canary) ? to_string(*why_of(canary)) : "", false}});
}

void tell_reading(const store::job_record& job) {
  const auto& taken = *job.canary.newest;
  const bool failed = taken.outcome == judge::verdict::provider_error;
  // If polls fail in a row, only the first is worth a warning.
  const bool trouble =
      taken.outcome == judge::verdict::breach || (failed && job.canary.hold.provider_errors <= 1);
  const auto level = trouble ? severity::warning : severity::info;
  if (!is_logged(level))
    return;
  log(level, topic::reading, "reading " + describe_reading(taken),
      {{"job", job.canary.job_id},
       {failed ? "error" : "because", taken.problem, !taken.problem.empty()},
       platform_field(job.spec.platform),
       {"bot", job.spec.bot_id, false},
       {"environment", job.spec.environment_id, false},
       {"version", job.spec.version, false},
       {"state", to_string(state_of(job.canary)), false},
       {"deployment", job.canary.deployment_id, false},
       {"verdict", to_string(taken.outcome), false}});
}

}  // namespace canaryd::daemon
