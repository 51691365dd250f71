// jobs_dir as this daemon has it: its four folders, and the lock that keeps other daemons out of
// it. A jobs_dir in trouble is an alarm and never the end of anything (reference: "Full disk"):
// canaries are watched on, and it is tried again.
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

  // Makes the folders that are missing, and takes the lock where it is not held (any more). To be
  // called again from time to time, in trouble or not. Says once, in the log, when jobs_dir cannot
  // be used, and once when it can again. fault::refused where it is another daemon's.
  result<void> claim();

  // What was in the way the last time; empty: nothing.
  const std::string& trouble() const { return trouble_; }
  // It was claimed, and nothing was in the way the last time.
  bool is_usable() const { return lock_.has_value() && trouble_.empty(); }

 private:
  result<void> try_to_claim();

  spool spool_;
  std::optional<instance_lock> lock_;
  std::string trouble_;
};

}  // namespace canaryd::daemon
