// Makes sure that a state_dir and a jobs_dir each belong to only one daemon.
#pragma once

#include "canaryd/base/error.hpp"
#include "canaryd/daemon/intake/folder.hpp"

#include <filesystem>
#include <string>

namespace canaryd::daemon {

// Holds the lock until it is destroyed or the process ends, however that happens.
class instance_lock {
 public:
  // Makes the folder if it is missing (but not its parents), and the file `name` in it. Locks both:
  // the folder, because that lock survives when the file is removed, and the file, because some
  // file systems cannot lock a folder. Fails with fault::refused if another process holds the lock,
  // and otherwise with fault::system.
  static result<instance_lock> acquire(const std::filesystem::path& folder,
                                       const std::string& name = "lock");

  // False if somebody has removed or replaced the file, or the folder with it. The lock may then
  // keep nobody out.
  bool is_in_place() const;

 private:
  instance_lock(std::filesystem::path file, descriptor held, descriptor folder)
      : file_{std::move(file)}, held_{std::move(held)}, folder_{std::move(folder)} {}

  std::filesystem::path file_;
  descriptor held_;
  descriptor folder_;
};

}  // namespace canaryd::daemon
