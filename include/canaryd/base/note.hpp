// Something worth telling an operator, as data: pure code returns notes, and its driver logs them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace canaryd {

enum class severity : std::uint8_t { debug, info, warning, error, critical };

// The kinds of event that the daemon logs. Each has a MESSAGE_ID in the journal. One table,
// daemon/tell/event_table.cpp, says what each means and what to do about it.
enum class topic : std::uint8_t {
  ready,
  stopping,
  stopped,
  left_running,
  reloaded,
  reload_refused,
  needs_restart,
  old_configuration,
  configuration_not_kept,
  log_lines_lost,
  port_not_open,
  port_open,
  exposed_secret,
  state_corrupt,
  state_not_written,
  state_restored,
  audit_unsaved,
  job_unreadable,
  history_not_pruned,
  job_accepted,
  job_rejected,
  job_not_taken,
  file_left,
  files_untidy,
  watch_lost,
  watch_restored,
  jobs_dir_trouble,
  jobs_dir_restored,
  removed_underneath,
  forgotten_job,
  waiting,
  budget,
  token,
  deploy,
  deploy_unsettled,
  deploy_failed,
  surplus_deployment,
  reading,
  evidence,
  provider,
  unwatched,
  inconclusive,
  paused,
  resumed,
  step,
  step_unsettled,
  gate,
  approved,
  aborting,
  promote,
  promote_unsettled,
  rollback_started,
  rollback_unsettled,
  rollback_refused,
  rollback,
  external_change,
  promoted,
  rolled_back,
  failed,
  result_not_written,
  webhook,
  webhook_missing,
  audit_delayed,
  audit_refused,
  audit_unreadable,
  command,
};

inline constexpr std::size_t topic_count = static_cast<std::size_t>(topic::command) + 1;

struct note {
  severity level = severity::info;
  topic about = topic::reading;
  // A short sentence, without a trailing full stop.
  std::string text;

  bool operator==(const note&) const = default;
};

}  // namespace canaryd
