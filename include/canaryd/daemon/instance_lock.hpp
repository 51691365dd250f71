// One daemon for one state_dir, and one for one jobs_dir: a second one refuses to start.
#pragma once

#include "canaryd/core/error.hpp"
#include "canaryd/daemon/folder.hpp"

#include <filesystem>
#include <string>

namespace canaryd::daemon {

// Holds the lock until it goes away, or the process does, however it ends.
class instance_lock {
 public:
  // Makes the folder where it is missing (its parents not), and in it the file `name`.
  // fault::refused where another process holds the lock, else fault::system.
  static core::result<instance_lock> acquire(const std::filesystem::path& folder,
                                             const std::string& name = "lock");

  // False where somebody has removed or exchanged the file: then it keeps nobody out any more.
  bool is_in_place() const;

 private:
  instance_lock(std::filesystem::path file, descriptor held)
      : file_{std::move(file)}, held_{std::move(held)} {}

  std::filesystem::path file_;
  descriptor held_;
};

}  // namespace canaryd::daemon
