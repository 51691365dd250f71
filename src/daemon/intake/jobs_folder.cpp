#include "canaryd/daemon/intake/jobs_folder.hpp"

#include "canaryd/daemon/tell/log.hpp"

#include <utility>

namespace canaryd::daemon {

result<void> jobs_folder::claim() {
  auto claimed = try_to_claim();
  const bool was_in_trouble = !trouble_.empty();
  trouble_ = claimed ? std::string{} : claimed.error().text;
  if (!claimed && !was_in_trouble)
    log(severity::critical, topic::jobs_dir_trouble, "jobs_dir cannot be used, trying again",
        {{"error", trouble_},
         {"so", "canaries are watched and rolled back if need be, new files wait"}});
  if (claimed && was_in_trouble)
    log(severity::warning, topic::jobs_dir_restored, "jobs_dir can be used again");
  return claimed;
}

result<void> jobs_folder::try_to_claim() {
  if (auto made = make_folders(spool_); !made)
    return made;
  if (lock_ && lock_->is_in_place())
    return {};
  // The old lock keeps nobody out any more.
  lock_.reset();
  // The group cannot open the lock file: people who drop files must not be able to hold the lock.
  auto taken = instance_lock::acquire(spool_.jobs_dir, ".lock");
  if (!taken)
    return std::unexpected{std::move(taken.error())};
  lock_.emplace(*std::move(taken));
  return {};
}

}  // namespace canaryd::daemon
