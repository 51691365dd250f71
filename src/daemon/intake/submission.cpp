#include "canaryd/daemon/intake/submission.hpp"

#include "canaryd/job/job_file.hpp"
#include "canaryd/job/job_file_name.hpp"

#include <utility>

namespace canaryd::daemon {
namespace {

// A failing disk may hold files back for any time.
constexpr std::chrono::seconds longest_wait{20};

std::unexpected<submission_failure> failure(submission_fault kind, std::string detail,
                                            text::problem_list problems = {}) {
  return std::unexpected{submission_failure{kind, std::move(detail), std::move(problems)}};
}

}  // namespace

submissions::submissions(async::executor ex, spool where, intake& taker,
                         std::function<std::string()> obstacle)
    : executor_{ex}, spool_{std::move(where)}, taker_{taker}, obstacle_{std::move(obstacle)} {
  taker_.observe_decisions(
      [this](const std::string& name, const intake::decision& what) { on_decision(name, what); });
}

async::task<submission_result> submissions::submit(std::string name, std::string bytes) {
  if (!name.ends_with(".json"))
    name += ".json";
  if (const auto stem = job::job_file_stem(name); !stem)
    co_return failure(submission_fault::bad_name, stem.error());
  auto spec = job::parse_job_file(bytes, taker_.rules());
  if (!spec)
    co_return failure(submission_fault::rejected, "this is not a job file",
                      std::move(spec.error()));
  if (auto why = obstacle_(); !why.empty())
    co_return failure(submission_fault::no_room, std::move(why));
  const auto dropped = drop_file(spool_, name, bytes, spool_file_mode);
  if (!dropped)
    co_return failure(submission_fault::system, dropped.error().text);
  if (!*dropped)
    co_return failure(submission_fault::conflict, "a file of this name already waits in incoming/");
  const auto place = waiting_.insert(
      waiting_.end(), waiting_file{std::move(name), async::wakeup{executor_}, std::nullopt});
  co_return co_await wait_for(place);
}

async::task<submission_result> submissions::wait_for(std::list<waiting_file>::iterator file) {
  struct departure {
    std::list<waiting_file>& all;
    std::list<waiting_file>::iterator self;
    ~departure() { all.erase(self); }
  };
  const departure at_the_end{waiting_, file};
  const auto deadline = async::clock::now() + longest_wait;
  while (!file->settled && async::clock::now() < deadline)
    co_await file->bell.wait(deadline);
  if (!file->settled)
    co_return failure(submission_fault::waiting,
                      "the file is in incoming/ and will be taken as soon as possible");
  if (!*file->settled)
    co_return failure(submission_fault::rejected,
                      file->settled->error().front().message + "; the file is in rejected/",
                      file->settled->error());
  co_return **file->settled;
}

void submissions::on_decision(const std::string& name, const intake::decision& what) {
  for (auto& file : waiting_) {
    if (file.name != name || file.settled)
      continue;
    file.settled = what;
    file.bell.ring();
  }
}

}  // namespace canaryd::daemon
