#include "canaryd/daemon/intake/settlement.hpp"

#include "canaryd/daemon/tell/log.hpp"
#include "canaryd/daemon/tell/result_file.hpp"
#include "canaryd/job/job_file.hpp"

#include <algorithm>

namespace canaryd::daemon {
namespace {

using std::chrono::seconds;

constexpr seconds first_settle_retry{1};
constexpr seconds longest_settle_retry{60};

std::filesystem::path copy_of(const std::filesystem::path& folder, const store::job_record& job) {
  return folder / (job.canary.job_id + ".json");
}

std::filesystem::path result_of(const spool& where, const store::job_record& job) {
  return where.done() / (job.canary.job_id + ".result.json");
}

// The whole job file, including what another version stored and this one does not know.
std::string text_of(const store::job_record& job) {
  return job.spec_as_stored.empty() ? job::write_job_file(job.spec) : job.spec_as_stored;
}

result<void> settle_once(const spool& where, const store::job_record& ended) {
  // The result comes first, so that it is there when the job file appears in done/.
  const auto written =
      write_whole(result_of(where, ended), write_result(ended.spec, ended.canary), spool_file_mode);
  if (!written)
    return written;
  const auto copy = copy_of(where.active(), ended);
  const auto found = look_for(copy);
  if (!found)
    return std::unexpected{found.error()};
  if (*found != presence::absent)
    return move_file(copy, copy_of(where.done(), ended));
  return write_whole(copy_of(where.done(), ended), text_of(ended), spool_file_mode);
}

}  // namespace

result<void> restore_copy(const spool& where, const store::job_record& job) {
  const auto copy = copy_of(where.active(), job);
  const auto found = look_for(copy);
  if (!found)
    return std::unexpected{found.error()};
  if (*found != presence::absent)
    return {};
  return write_whole(copy, text_of(job), spool_file_mode);
}

bool has_lost_result(const spool& where, const store::job_record& ended) {
  const auto found = look_for(result_of(where, ended));
  return found && *found == presence::empty;
}

async::task<> settle_files(spool where, const store::job_record& ended) {
  auto wait = first_settle_retry;
  for (bool is_first = true;; is_first = false) {
    const auto settled = settle_once(where, ended);
    if (settled)
      co_return;
    if (is_first)
      log(severity::critical, topic::result_not_written, "result not written, trying again",
          {{"job", ended.canary.job_id}, {"error", settled.error().text}});
    co_await async::sleep_for(wait);
    wait = std::min(wait * 2, longest_settle_retry);
  }
}

}  // namespace canaryd::daemon
