// Reads a file of the spool once, and removes or moves exactly the file that was read.
#include "canaryd/daemon/intake/folder.hpp"
#include "canaryd/daemon/intake/spool.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace canaryd::daemon {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view taken_prefix = ".canaryd-taken.";
constexpr std::size_t longest_name = 255;

store::file_identity identity_of(const struct stat& file) {
  return {file.st_dev, file.st_ino, nanoseconds_of(file.st_mtim), nanoseconds_of(file.st_ctim)};
}

read_problem problem_of(int code) {
  if (code == ENOENT)
    return {read_failure::vanished, "there is no such file"};
  if (code == ELOOP || code == ENXIO)
    return {read_failure::not_a_file, "it is not a regular file"};
  const auto kind =
      code == EACCES || code == EPERM ? read_failure::unreadable : read_failure::trouble;
  return {kind, std::generic_category().message(code)};
}

std::expected<file_content, read_problem> read_opened(const descriptor& in, std::size_t max_bytes) {
  struct stat opened{};
  if (::fstat(in.get(), &opened) != 0)
    return std::unexpected{problem_of(errno)};
  if (!S_ISREG(opened.st_mode))
    return std::unexpected{problem_of(ENXIO)};
  file_content content{{}, identity_of(opened)};
  // Reading one byte more than allowed shows that the file is too large, even while it grows.
  content.bytes.resize(max_bytes + 1);
  std::size_t size = 0;
  while (size < content.bytes.size()) {
    const auto got = ::read(in.get(), content.bytes.data() + size, content.bytes.size() - size);
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return std::unexpected{problem_of(errno)};
    if (got == 0)
      break;
    size += static_cast<std::size_t>(got);
  }
  if (size > max_bytes)
    return std::unexpected{read_problem{
        read_failure::too_large, fmt::format("it is over {} bytes", max_bytes), content.identity}};
  content.bytes.resize(size);
  return content;
}

bool is_still(const descriptor& folder, const std::string& name,
              const store::file_identity& identity) {
  struct stat present{};
  return ::fstatat(folder.get(), name.c_str(), &present, AT_SYMLINK_NOFOLLOW) == 0 &&
         is_same_content(identity_of(present), identity);
}

// Renames the file so that nobody else replaces it, and returns its new name. If another file or
// none is there by now, changes nothing and returns an empty name.
result<std::string> take_out(const descriptor& folder, const fs::path& file,
                             const store::file_identity& identity) {
  const auto name = file.filename().native();
  if (!is_still(folder, name, identity))
    return std::string{};
  auto taken = std::string{taken_prefix} + name;
  // The name may be longer than a job file's name may be.
  taken.resize(std::min(taken.size(), longest_name));
  if (::renameat(folder.get(), name.c_str(), folder.get(), taken.c_str()) != 0) {
    if (errno == ENOENT)
      return std::string{};
    return std::unexpected{file_error("move", file, errno)};
  }
  // From now on nobody can replace it, so the check counts.
  if (is_still(folder, taken, identity))
    return taken;
  // If a third file has the name meanwhile, the next look settles this one.
  rename_to_new(folder.get(), taken, folder.get(), name);
  return std::string{};
}

}  // namespace

bool is_same_content(const store::file_identity& a, const store::file_identity& b) {
  return a.device == b.device && a.inode == b.inode && a.modified_ns == b.modified_ns;
}

std::expected<file_content, read_problem> read_once(const fs::path& file, std::size_t max_bytes) {
  const auto folder = open_folder(file.parent_path());
  // If something else is in the folder's place, the file may still exist.
  if (!folder.is_open() && errno != ENOENT)
    return std::unexpected{
        read_problem{read_failure::trouble, std::generic_category().message(errno)}};
  if (!folder.is_open())
    return std::unexpected{problem_of(ENOENT)};
  const auto name = file.filename();
  // Opening a device may already have an effect, so the kind is checked first.
  struct stat present{};
  if (::fstatat(folder.get(), name.c_str(), &present, AT_SYMLINK_NOFOLLOW) != 0)
    return std::unexpected{problem_of(errno)};
  if (!S_ISREG(present.st_mode))
    return std::unexpected{problem_of(ENXIO)};
  const descriptor in{
      ::openat(folder.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)};
  if (!in.is_open())
    return std::unexpected{problem_of(errno)};
  return read_opened(in, max_bytes);
}

result<void> remove_if_same(const fs::path& file, const store::file_identity& identity) {
  const auto folder = open_folder(file.parent_path());
  if (!folder.is_open())
    return std::unexpected{file_error("remove", file, errno)};
  const auto taken = take_out(folder, file, identity);
  if (!taken)
    return std::unexpected{taken.error()};
  if (!taken->empty() && ::unlinkat(folder.get(), taken->c_str(), 0) != 0 && errno != ENOENT)
    return std::unexpected{file_error("remove", file, errno)};
  return {};
}

result<bool> move_if_same(const fs::path& file, const store::file_identity& identity,
                          const fs::path& to) {
  const auto folder = open_folder(file.parent_path());
  if (!folder.is_open())
    return std::unexpected{file_error("move", file, errno)};
  const auto target = open_folder(to.parent_path());
  if (!target.is_open())
    return std::unexpected{file_error("move to", to, errno)};
  const auto taken = take_out(folder, file, identity);
  if (!taken)
    return std::unexpected{taken.error()};
  if (taken->empty())
    return false;
  if (const int code = rename_to_new(folder.get(), *taken, target.get(), to.filename().native());
      code != 0) {
    rename_to_new(folder.get(), *taken, folder.get(), file.filename().native());
    return std::unexpected{file_error("move to", to, code)};
  }
  return true;
}

std::optional<std::string> name_before_taking(std::string_view name) {
  if (!name.starts_with(taken_prefix) || name.size() == taken_prefix.size())
    return std::nullopt;
  return std::string{name.substr(taken_prefix.size())};
}

result<void> remove_taken(const spool& where, const std::string& taken_name) {
  const auto folder = open_folder(where.incoming());
  if (folder.is_open() && ::unlinkat(folder.get(), taken_name.c_str(), 0) == 0)
    return {};
  return std::unexpected{file_error("remove", where.incoming() / taken_name, errno)};
}

result<bool> put_back(const spool& where, const std::string& taken_name) {
  const auto name = name_before_taking(taken_name);
  const auto folder = open_folder(where.incoming());
  const int code = !name              ? EINVAL
                   : folder.is_open() ? rename_to_new(folder.get(), taken_name, folder.get(), *name)
                                      : errno;
  if (code == 0)
    return true;
  if (code == EEXIST)
    return false;
  return std::unexpected{file_error("rename", where.incoming() / taken_name, code)};
}

}  // namespace canaryd::daemon
