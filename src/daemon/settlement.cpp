#include "canaryd/daemon/settlement.hpp"

#include "canaryd/core/job_file.hpp"
#include "canaryd/daemon/result_file.hpp"

namespace canaryd::daemon {
namespace {

constexpr mode_t file_mode = 0640;

std::filesystem::path copy_of(const std::filesystem::path& folder, const store::job_record& job) {
  return folder / (job.canary.job_id + ".json");
}

}  // namespace

core::result<void> restore_copy(const spool& where, const store::job_record& job) {
  const auto copy = copy_of(where.active(), job);
  if (is_there(copy))
    return {};
  return write_whole(copy, core::write_job_file(job.spec), file_mode);
}

core::result<void> settle_files(const spool& where, const store::job_record& ended) {
  // The result first: whoever sees the job file in done/ finds the result beside it.
  const auto result_file = where.done() / (ended.canary.job_id + ".result.json");
  const auto written = write_whole(result_file, write_result(ended.spec, ended.canary), file_mode);
  if (!written)
    return written;
  const auto copy = copy_of(where.active(), ended);
  if (is_there(copy))
    return move_file(copy, copy_of(where.done(), ended));
  return write_whole(copy_of(where.done(), ended), core::write_job_file(ended.spec), file_mode);
}

}  // namespace canaryd::daemon
