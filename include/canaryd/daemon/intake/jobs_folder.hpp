// This daemon's jobs_dir: its four folders, and the lock that keeps other daemons out. If jobs_dir
// cannot be used, that is an alarm but stops nothing else (reference: "Full disk"): the daemon
// still watches canaries, and tries again.
#pragma once

#include "canaryd/base/error.hpp"
#include "canaryd/daemon/intake/instance_lock.hpp"
#include "canaryd/daemon/intake/spool.hpp"

#include <optional>
#include <string>

namespace canaryd::daemon {

class jobs_folder {
 public:
  explicit jobs_folder(spool where) : spool_{std::move(where)} {}

  const spool& where() const { return spool_; }

  // Makes the folders that are missing, and takes the lock if it is not held. Call it from time to
  // time, whether jobs_dir can be used or not. Logs once when jobs_dir cannot be used, and once
  // when it can again. Fails with fault::refused if jobs_dir belongs to another daemon.
  result<void> claim();

  // What was wrong at the last call of claim(); empty if nothing was.
  const std::string& trouble() const { return trouble_; }
  // True if the lock is held and nothing was wrong at the last call of claim().
  bool is_usable() const { return lock_.has_value() && trouble_.empty(); }

 private:
  result<void> try_to_claim();

  spool spool_;
  std::optional<instance_lock> lock_;
  std::string trouble_;
};

}  // namespace canaryd::daemon
