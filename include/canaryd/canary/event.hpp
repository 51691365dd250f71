// What a canary is told: answers to its calls, readings, an operator's commands.
#pragma once

#include "canaryd/base/error.hpp"
#include "canaryd/base/time.hpp"
#include "canaryd/canary/deployment.hpp"
#include "canaryd/judge/metrics.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace canaryd::canary {

enum class command_kind : std::uint8_t { abort, pause, resume, approve, promote };

// An operator's wish.
struct command {
  command_kind what = command_kind::abort;
  // Who gives it, as name(uid).
  std::string actor;
  // The operator's words; may be empty.
  std::string reason;
  // Where the operator believes the canary to be: a state's word, and a step counted from 1.
  std::optional<std::string> expect_state;
  std::optional<std::int32_t> expect_step;
  // Promote although the newest reading is a breach, or there is none.
  bool force = false;
};

// What happened.
struct accepted {};
// The daemon has restarted, and this is the canary as it was last committed.
struct resumed {};
// The daemon, or the whole machine, has stood still for longer than went_unwatched() allows.
struct awoken {};
struct poll_answered {
  result<judge::sourced_sample> outcome;
  // The window that was asked for.
  duration window{};
  // hold.step when the poll began. A reading of another step's share is ignored.
  std::int32_t step = 0;
  // The stable arm's answer, if the canary is compared with it. The two windows differ if one of
  // the arms had to be asked again.
  std::optional<result<judge::sourced_sample>> stable = std::nullopt;
  duration stable_window{};
  // When the request that brought the sample was sent, or the first request of a poll that failed.
  // Empty stands for the time when the poll fell due.
  std::optional<instant> asked_at = std::nullopt;
};
struct version_checked {
  result<bool> listed;
};
struct found_deployment {
  deployment found;
  // Another job of this daemon made it.
  bool of_another_job = false;
};
struct looked_up {
  result<std::vector<found_deployment>> found;
  // What could be read of the listed deployments that are unreadable (deployment_list).
  std::vector<deployment> unreadable = {};
};
// The webhook is registered, or its registration goes on in the background.
struct webhook_settled {};
struct deploy_answered {
  // Empty where a 2xx answer named no deployment.
  result<std::string> deployment_id;
};
struct status_read {
  result<deployment> found;
};
struct promote_answered {
  result<void> outcome;
};
// The answer to change_traffic.
struct traffic_changed {
  result<void> outcome;
};
struct rollback_answered {
  result<void> outcome;
};
struct traffic_removed {
  result<void> outcome;
};
struct surplus_answered {
  result<void> outcome;
};
struct surplus_read {
  result<deployment> found;
};
// Changes nothing unless judge_command() says `done`.
struct commanded {
  command given;
};

using event =
    std::variant<accepted, resumed, awoken, poll_answered, version_checked, looked_up,
                 webhook_settled, deploy_answered, status_read, promote_answered, traffic_changed,
                 rollback_answered, traffic_removed, surplus_answered, surplus_read, commanded>;

}  // namespace canaryd::canary
