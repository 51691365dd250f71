#include "canaryd/daemon/intake/spool.hpp"

#include "canaryd/daemon/intake/folder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <limits>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace canaryd::daemon {
namespace fs = std::filesystem;
namespace {

// The prefix of a file that this daemon puts into incoming/, until it is renamed.
constexpr std::string_view dropped_prefix = ".canaryd.";
// Leaves room for what is put around a name (NAME_MAX).
constexpr std::size_t longest_excerpt = 100;
// How many names for a temporary file are tried, because somebody may have taken one.
constexpr int temporary_names = 100;
constexpr std::size_t names_a_scan = 1000;

bool is_temporary(std::string_view name) {
  return name.starts_with('.') && name.contains(".json.") && name.ends_with(".tmp");
}

// Others may write only to incoming/, and its sticky bit lets nobody remove somebody else's file.
// The umask applies; the set-group-id bit is inherited.
mode_t mode_of(const fs::path& folder) {
  return folder.filename() == "incoming" ? 01770 : 0750;
}

result<void> write_bytes(const descriptor& out, const fs::path& file, std::string_view bytes,
                         mode_t mode) {
  while (!bytes.empty()) {
    const auto written = ::write(out.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR)
      continue;
    if (written < 0)
      return std::unexpected{file_error("write", file, errno)};
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  // The mode must not depend on the process's umask.
  if (::fchmod(out.get(), mode) != 0)
    return std::unexpected{file_error("write", file, errno)};
  return {};
}

// Writes a temporary file in `folder` that will become `file`, and returns its name. The file is
// always new: nobody else has it open, and it is no link and no FIFO.
result<std::string> write_temporary(const descriptor& folder, std::string_view prefix,
                                    const fs::path& file, std::string_view bytes, mode_t mode) {
  const auto excerpt = file.filename().native().substr(0, longest_excerpt);
  for (int number = 1;; ++number) {
    // The pid keeps the files of two instances apart.
    auto name = fmt::format("{}{}.json.{}.{}.tmp", prefix, excerpt, ::getpid(), number);
    const descriptor out{::openat(
        folder.get(), name.c_str(),
        O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, mode)};
    if (!out.is_open() && errno == EEXIST && number < temporary_names)
      continue;
    if (!out.is_open())
      return std::unexpected{file_error("write", file, errno)};
    if (auto written = write_bytes(out, file, bytes, mode); !written) {
      ::unlinkat(folder.get(), name.c_str(), 0);
      return std::unexpected{std::move(written.error())};
    }
    return name;
  }
}

// Says why the folder cannot be used, if it cannot.
std::optional<error> trouble_with(const fs::path& folder, const descriptor& opened,
                                  const fs::path& jobs_dir) {
  const bool is_open = opened.is_open();
  // This reports a read-only file system even to root.
  if (is_open && ::faccessat(opened.get(), ".", W_OK | X_OK, AT_EACCESS) == 0)
    return std::nullopt;
  const int code = errno;
  auto problem = file_error(is_open ? "write to" : "use", folder, code);
  if (code == EROFS || code == EACCES || code == EPERM)
    problem.text += fmt::format(
        "; if this is the service's sandbox, a drop-in with ReadWritePaths={} in its [Service] "
        "section opens it (systemctl edit canaryd)",
        jobs_dir.native());
  return problem;
}

}  // namespace

result<void> make_folders(const spool& where) {
  // The operator may have made jobs_dir a link.
  const auto open_jobs_dir = [&] {
    return descriptor{::open(where.jobs_dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  };
  auto jobs_dir = open_jobs_dir();
  if (!jobs_dir.is_open() && errno == ENOENT &&
      ::mkdir(where.jobs_dir.c_str(), mode_of(where.jobs_dir)) == 0)
    jobs_dir = open_jobs_dir();
  if (auto trouble = trouble_with(where.jobs_dir, jobs_dir, where.jobs_dir))
    return std::unexpected{*std::move(trouble)};
  for (const auto& folder : {where.incoming(), where.active(), where.done(), where.rejected()}) {
    const auto opened = open_or_make_folder(folder, mode_of(folder));
    if (auto trouble = trouble_with(folder, opened, where.jobs_dir))
      return std::unexpected{*std::move(trouble)};
  }
  return {};
}

void remove_half_written(const spool& where) {
  for (const auto& folder : {where.incoming(), where.active(), where.done(), where.rejected()}) {
    auto names = folder_reader::open(folder);
    while (names) {
      const auto some = names->next(names_a_scan);
      if (!some || some->empty())
        break;
      for (const auto& [name, type] : *some) {
        // Operators may have their own temporary files in incoming/.
        if (folder == where.incoming() ? name.starts_with(dropped_prefix) : is_temporary(name))
          ::unlinkat(names->fd(), name.c_str(), 0);
      }
    }
  }
}

result<bool> drop_file(const spool& where, const std::string& name, std::string_view bytes,
                       mode_t mode) {
  const auto file = where.incoming() / name;
  const auto folder = open_folder(where.incoming());
  if (!folder.is_open())
    return std::unexpected{file_error("write", file, errno)};
  const auto temporary = write_temporary(folder, dropped_prefix, file, bytes, mode);
  if (!temporary)
    return std::unexpected{temporary.error()};
  const int code = rename_to_new(folder.get(), *temporary, folder.get(), name);
  if (code == 0)
    return true;
  ::unlinkat(folder.get(), temporary->c_str(), 0);
  if (code == EEXIST)
    return false;
  return std::unexpected{file_error("rename to", file, code)};
}

result<void> write_whole(const fs::path& file, std::string_view bytes, mode_t mode) {
  const auto folder = open_or_make_folder(file.parent_path(), mode_of(file.parent_path()));
  if (!folder.is_open())
    return std::unexpected{file_error("write", file, errno)};
  const auto temporary = write_temporary(folder, ".", file, bytes, mode);
  if (!temporary)
    return std::unexpected{temporary.error()};
  if (::renameat(folder.get(), temporary->c_str(), folder.get(), file.filename().c_str()) == 0)
    return {};
  const int code = errno;
  ::unlinkat(folder.get(), temporary->c_str(), 0);
  return std::unexpected{file_error("rename to", file, code)};
}

result<void> move_file(const fs::path& from, const fs::path& to) {
  const auto source = open_folder(from.parent_path());
  if (!source.is_open())
    return std::unexpected{file_error("move", from, errno)};
  const auto target = open_or_make_folder(to.parent_path(), mode_of(to.parent_path()));
  if (target.is_open() &&
      ::renameat(source.get(), from.filename().c_str(), target.get(), to.filename().c_str()) == 0)
    return {};
  return std::unexpected{file_error("move to " + to.native() + " the file", from, errno)};
}

void remove_file(const fs::path& file) {
  const auto folder = open_folder(file.parent_path());
  if (folder.is_open())
    ::unlinkat(folder.get(), file.filename().c_str(), 0);
}

result<presence> look_for(const fs::path& file) {
  const auto folder = open_folder(file.parent_path());
  struct stat present{};
  if (folder.is_open() &&
      ::fstatat(folder.get(), file.filename().c_str(), &present, AT_SYMLINK_NOFOLLOW) == 0)
    return S_ISREG(present.st_mode) && present.st_size == 0 ? presence::empty : presence::present;
  if (errno == ENOENT)
    return presence::absent;
  return std::unexpected{file_error("look for", file, errno)};
}

result<bool> is_any_there(std::initializer_list<fs::path> files) {
  for (const auto& file : files) {
    const auto found = look_for(file);
    if (!found)
      return std::unexpected{found.error()};
    if (*found != presence::absent)
      return true;
  }
  return false;
}

std::string numbered(const std::string& stem, std::int32_t n) {
  return n == 1 ? stem : fmt::format("{}.{}", stem, n);
}

result<std::int32_t> first_free(std::int32_t first,
                                const std::function<result<bool>(std::int32_t)>& is_taken) {
  constexpr auto most = std::numeric_limits<std::int32_t>::max();
  auto taken = first;
  auto free = first;
  // Goes up in growing steps to a free number, then back by halves to one that follows a taken one.
  for (std::int32_t step = 1;; step = step > most / 2 ? most : step * 2) {
    const auto answer = is_taken(free);
    if (!answer)
      return std::unexpected{answer.error()};
    if (!*answer)
      break;
    if (free == most)
      return std::unexpected{error{.text = "no number is left for this name"}};
    taken = free;
    free = free > most - step ? most : free + step;
  }
  while (free - taken > 1) {
    const auto middle = taken + (free - taken) / 2;
    const auto answer = is_taken(middle);
    if (!answer)
      return std::unexpected{answer.error()};
    (*answer ? taken : free) = middle;
  }
  return free;
}

}  // namespace canaryd::daemon
