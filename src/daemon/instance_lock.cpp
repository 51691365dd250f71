#include "canaryd/daemon/instance_lock.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace canaryd::daemon {

core::result<instance_lock> instance_lock::acquire(const std::filesystem::path& state_dir) {
  std::error_code ignored;
  std::filesystem::create_directory(state_dir, ignored);
  const auto file = state_dir / "lock";
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0)
    return std::unexpected{
        core::error{.text = fmt::format("cannot open {}: {}", file.string(),
                                        std::generic_category().message(errno))}};
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    ::close(fd);
    return std::unexpected{
        core::error{.text = fmt::format("{} is in use by another instance", state_dir.string())}};
  }
  return instance_lock{fd};
}

instance_lock::~instance_lock() {
  if (fd_ >= 0)
    ::close(fd_);
}

instance_lock::instance_lock(instance_lock&& other) noexcept : fd_{std::exchange(other.fd_, -1)} {}

}  // namespace canaryd::daemon
