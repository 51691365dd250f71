#include "canaryd/daemon/intake/instance_lock.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

namespace canaryd::daemon {
namespace {

std::unexpected<error> in_use(const std::filesystem::path& folder) {
  return failure(
      fault::refused,
      fmt::format("{} is in use by another instance: stop that one, or configure another folder",
                  folder.native()));
}

}  // namespace

result<instance_lock> instance_lock::acquire(const std::filesystem::path& folder,
                                             const std::string& name) {
  if (::mkdir(folder.c_str(), 0777) != 0 && errno != EEXIST)
    return std::unexpected{file_error("make", folder, errno)};
  // The lock on the folder cannot be removed, but the file in it can.
  descriptor whole{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!whole.is_open())
    return std::unexpected{file_error("open", folder, errno)};
  // Other errors are ignored, because network file systems can lock only files.
  if (::flock(whole.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
    return in_use(folder);
  const auto file = folder / name;
  descriptor held{::open(file.c_str(),
                         O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0600)};
  struct stat opened{};
  if (!held.is_open() || ::fstat(held.get(), &opened) != 0)
    return std::unexpected{file_error("open", file, errno)};
  if (!S_ISREG(opened.st_mode))
    return std::unexpected{error{.text = file.native() + " is not a regular file"}};
  if (::flock(held.get(), LOCK_EX | LOCK_NB) == 0)
    return instance_lock{file, std::move(held), std::move(whole)};
  if (errno != EWOULDBLOCK)
    return std::unexpected{file_error("lock", file, errno)};
  return in_use(folder);
}

bool instance_lock::is_in_place() const {
  struct stat held{};
  struct stat present{};
  return ::fstat(held_.get(), &held) == 0 && ::lstat(file_.c_str(), &present) == 0 &&
         held.st_dev == present.st_dev && held.st_ino == present.st_ino;
}

}  // namespace canaryd::daemon
