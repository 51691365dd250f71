// One daemon for one state_dir: a second one refuses to start.
#pragma once

#include "canaryd/core/error.hpp"

#include <filesystem>

namespace canaryd::daemon {

// Holds the lock until it goes away, or the process does, however it ends.
class instance_lock {
 public:
  // Makes state_dir where it is missing (its parents not). Fails where another process holds the
  // lock.
  static core::result<instance_lock> acquire(const std::filesystem::path& state_dir);

  ~instance_lock();
  instance_lock(instance_lock&& other) noexcept;
  instance_lock& operator=(instance_lock&&) = delete;

 private:
  explicit instance_lock(int fd) : fd_{fd} {}
  int fd_;
};

}  // namespace canaryd::daemon
