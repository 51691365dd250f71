// Any bytes as a job file: refused with its problems, or a job that can be written and read again.
#include "canaryd/job/job_file.hpp"
#include "canaryd/job/job_lint.hpp"

#include "problems.hpp"
#include <cstddef>
#include <cstdint>

namespace canaryd::fuzz {
namespace {

const job::job_rules rules{.min_interval = {},
                           .webhook_secret_configured = true,
                           .window_unit = std::chrono::seconds{1},
                           .defaults = {}};

void read_job_file(std::string_view bytes) {
  const auto job = job::parse_job_file(bytes, rules);
  if (!job)
    return require_sound(job.error());
  for (const auto& warning : job::lint_job(*job, bytes, {}))
    require(!warning.message.empty(), "a warning says what is odd");
  const auto written = job::write_job_file(*job);
  const auto again = job::parse_job_file(written, rules);
  require(again.has_value(), "a job that was read can be written and read again");
  require(*again == *job, "a job is the same after it was written and read");
}

}  // namespace
}  // namespace canaryd::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  canaryd::fuzz::read_job_file(canaryd::fuzz::as_text(data, size));
  return 0;
}
