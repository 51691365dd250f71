#include "canaryd/daemon/spool.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <vector>

namespace canaryd::daemon {
namespace fs = std::filesystem;
namespace {

// A descriptor that closes itself.
class descriptor {
 public:
  explicit descriptor(int fd) : fd_{fd} {}
  ~descriptor() {
    if (fd_ >= 0)
      ::close(fd_);
  }
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  int get() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }

 private:
  int fd_;
};

core::error system_error(std::string_view what, const fs::path& file, int code) {
  return {.kind = core::fault::system,
          .text = fmt::format("cannot {} {}: {}", what, file.string(),
                              std::generic_category().message(code))};
}

core::result<void> write_bytes(const fs::path& file, std::string_view bytes, mode_t mode) {
  const descriptor out{
      ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, mode)};
  if (!out.is_open())
    return std::unexpected{system_error("write", file, errno)};
  while (!bytes.empty()) {
    const auto written = ::write(out.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR)
      continue;
    if (written < 0)
      return std::unexpected{system_error("write", file, errno)};
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  // The mode asked for, whatever the process's umask.
  if (::fchmod(out.get(), mode) != 0)
    return std::unexpected{system_error("write", file, errno)};
  return {};
}

// The dot keeps half-written files out of everybody's way, the pid those of two instances apart.
std::string temporary_name(const std::string& name) {
  return fmt::format(".{}.{}.tmp", name, ::getpid());
}

// Of what this daemon puts into incoming/, until it is renamed.
constexpr std::string_view dropped_prefix = ".canaryd.";

bool is_temporary(std::string_view name) {
  return name.starts_with('.') && name.contains(".json.") && name.ends_with(".tmp");
}

// Only incoming/ is for others to write to, and there nobody removes what somebody else dropped.
// What the umask forbids is not allowed; the set-group-id bit is inherited.
mode_t mode_of(const fs::path& folder) {
  return folder.filename() == "incoming" ? 01770 : 0750;
}

// False, with errno, where it is not there and cannot be made.
bool make_folder(const fs::path& folder) {
  return ::mkdir(folder.c_str(), mode_of(folder)) == 0 || errno == EEXIST;
}

std::int64_t nanoseconds(const timespec& time) {
  return time.tv_sec * std::int64_t{1'000'000'000} + time.tv_nsec;
}

store::file_identity identity_of(const struct stat& file) {
  return {file.st_dev, file.st_ino, nanoseconds(file.st_mtim), nanoseconds(file.st_ctim)};
}

// A change of its owner or mode leaves a file what it was.
bool is_same_content(const store::file_identity& a, const store::file_identity& b) {
  return a.device == b.device && a.inode == b.inode && a.modified_ns == b.modified_ns;
}

read_failure failure_of(int code) {
  return code == EACCES || code == EPERM ? read_failure::unreadable : read_failure::trouble;
}

}  // namespace

core::result<void> make_folders(const spool& where) {
  for (const auto& folder :
       {where.jobs_dir, where.incoming(), where.active(), where.done(), where.rejected()}) {
    if (!make_folder(folder))
      return std::unexpected{system_error("make", folder, errno)};
    std::error_code ignored;
    if (!fs::is_directory(folder, ignored))
      return std::unexpected{system_error("make", folder, ENOTDIR)};
  }
  return {};
}

void remove_half_written(const spool& where) {
  for (const auto& folder : {where.incoming(), where.active(), where.done(), where.rejected()}) {
    std::vector<fs::path> left;
    std::error_code ignored;
    for (fs::directory_iterator at{folder, ignored}, end; !ignored && at != end;
         at.increment(ignored)) {
      const auto name = at->path().filename().string();
      // In incoming/ operators have temporary files of their own.
      if (folder == where.incoming() ? name.starts_with(dropped_prefix) : is_temporary(name))
        left.push_back(at->path());
    }
    for (const auto& file : left)
      ::unlink(file.c_str());
  }
}

core::result<bool> drop_file(const spool& where, const std::string& name, std::string_view bytes,
                             mode_t mode) {
  const auto file = where.incoming() / name;
  const auto temporary = where.incoming() / (std::string{dropped_prefix} + name + ".tmp");
  if (is_there(file))
    return false;
  if (const auto written = write_bytes(temporary, bytes, mode); !written)
    return std::unexpected{written.error()};
  if (::renameat2(AT_FDCWD, temporary.c_str(), AT_FDCWD, file.c_str(), RENAME_NOREPLACE) == 0)
    return true;
  const int code = errno;
  ::unlink(temporary.c_str());
  if (code == EEXIST)
    return false;
  return std::unexpected{system_error("rename to", file, code)};
}

core::result<void> write_whole(const fs::path& file, std::string_view bytes, mode_t mode) {
  const auto temporary = file.parent_path() / temporary_name(file.filename().string());
  auto written = write_bytes(temporary, bytes, mode);
  if (!written && !fs::exists(file.parent_path()) && make_folder(file.parent_path()))
    written = write_bytes(temporary, bytes, mode);
  if (written && ::rename(temporary.c_str(), file.c_str()) != 0)
    written = std::unexpected{system_error("rename to", file, errno)};
  if (!written)
    ::unlink(temporary.c_str());
  return written;
}

core::result<void> move_file(const fs::path& from, const fs::path& to) {
  if (::rename(from.c_str(), to.c_str()) == 0)
    return {};
  if (errno == ENOENT && !fs::exists(to.parent_path()) && make_folder(to.parent_path()) &&
      ::rename(from.c_str(), to.c_str()) == 0)
    return {};
  return std::unexpected{system_error("move to " + to.string() + " the file", from, errno)};
}

bool is_there(const fs::path& file) {
  std::error_code ignored;
  return fs::symlink_status(file, ignored).type() != fs::file_type::not_found;
}

std::string numbered(const std::string& stem, std::int32_t n) {
  return n == 1 ? stem : fmt::format("{}.{}", stem, n);
}

namespace {

std::expected<file_content, read_failure> read_file(const fs::path& file, int link_flag,
                                                    std::size_t max_bytes, std::string& why) {
  const auto fail = [&](read_failure failure, std::string_view text) {
    why = text;
    return std::unexpected{failure};
  };
  const descriptor in{::open(file.c_str(), O_RDONLY | link_flag | O_NONBLOCK | O_CLOEXEC)};
  if (!in.is_open() && errno == ENOENT)
    return fail(read_failure::vanished, "it is gone");
  if (!in.is_open() && (errno == ELOOP || errno == ENXIO))
    return fail(read_failure::not_a_file, "it is not a regular file");
  if (!in.is_open())
    return fail(failure_of(errno), std::generic_category().message(errno));
  struct stat opened{};
  if (::fstat(in.get(), &opened) != 0)
    return fail(failure_of(errno), std::generic_category().message(errno));
  if (!S_ISREG(opened.st_mode))
    return fail(read_failure::not_a_file, "it is not a regular file");
  file_content content{{}, identity_of(opened)};
  // One byte more than allowed shows that there are too many, even while the file grows.
  content.bytes.resize(max_bytes + 1);
  std::size_t size = 0;
  while (size < content.bytes.size()) {
    const auto got = ::read(in.get(), content.bytes.data() + size, content.bytes.size() - size);
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return fail(failure_of(errno), std::generic_category().message(errno));
    if (got == 0)
      break;
    size += static_cast<std::size_t>(got);
  }
  if (size > max_bytes)
    return fail(read_failure::too_large, fmt::format("it is over {} bytes", max_bytes));
  content.bytes.resize(size);
  return content;
}

}  // namespace

std::expected<file_content, read_failure> read_once(const fs::path& file, std::size_t max_bytes,
                                                    std::string& why) {
  return read_file(file, O_NOFOLLOW, max_bytes, why);
}

std::expected<file_content, read_failure> read_linked(const fs::path& file, std::size_t max_bytes,
                                                      std::string& why) {
  return read_file(file, 0, max_bytes, why);
}

core::result<void> remove_if_same(const fs::path& file, const store::file_identity& identity) {
  struct stat present{};
  if (::lstat(file.c_str(), &present) != 0 || !is_same_content(identity_of(present), identity))
    return {};
  if (::unlink(file.c_str()) != 0 && errno != ENOENT)
    return std::unexpected{system_error("remove", file, errno)};
  return {};
}

}  // namespace canaryd::daemon
