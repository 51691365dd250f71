// One daemon for one state_dir, and one for one jobs_dir: a second one refuses to start.
#pragma once

#include "canaryd/base/error.hpp"
#include "canaryd/daemon/intake/folder.hpp"

#include <filesystem>
#include <string>

namespace canaryd::daemon {

// Holds the lock until it goes away, or the process does, however it ends.
class instance_lock {
 public:
  // Makes the folder where it is missing (its parents not), and in it the file `name`. Locks both:
  // the folder, whose lock stays when the file is removed, and the file, for file systems that
  // cannot lock a folder.
  // fault::refused where another process holds the lock, else fault::system.
  static result<instance_lock> acquire(const std::filesystem::path& folder,
                                       const std::string& name = "lock");

  // False where somebody has removed or exchanged the file, or the folder with it: then it may keep
  // nobody out any more.
  bool is_in_place() const;

 private:
  instance_lock(std::filesystem::path file, descriptor held, descriptor folder)
      : file_{std::move(file)}, held_{std::move(held)}, folder_{std::move(folder)} {}

  std::filesystem::path file_;
  descriptor held_;
  descriptor folder_;
};

}  // namespace canaryd::daemon
