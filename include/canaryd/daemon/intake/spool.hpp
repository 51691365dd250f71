// The four folders of jobs_dir (reference: "Folders"), and everything that the daemon does with
// files in them.
#pragma once

#include "canaryd/base/error.hpp"
#include "canaryd/base/time.hpp"
#include "canaryd/store/store.hpp"

#include <cstdint>
#include <ctime>
#include <expected>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>

namespace canaryd::daemon {

// The mode of every file that the daemon makes there.
inline constexpr mode_t spool_file_mode = 0640;

// A time of a file since the epoch.
constexpr std::int64_t nanoseconds_of(const timespec& time) {
  return time.tv_sec * std::int64_t{1'000'000'000} + time.tv_nsec;
}

struct spool {
  std::filesystem::path jobs_dir;

  std::filesystem::path incoming() const { return jobs_dir / "incoming"; }
  std::filesystem::path active() const { return jobs_dir / "active"; }
  std::filesystem::path done() const { return jobs_dir / "done"; }
  std::filesystem::path rejected() const { return jobs_dir / "rejected"; }
};

// Makes the folders that are missing, including jobs_dir but not its parents. incoming/ gets mode
// 1770 and the others 0750, as far as the umask allows; a set-group-id bit of jobs_dir is
// inherited. jobs_dir may be a link, but its four folders may not. Fails if one of them cannot be
// written to. If systemd's sandbox may be the cause, the text says how to open it.
result<void> make_folders(const spool& where);

// Removes what write_whole() and drop_file() left unfinished when a daemon was killed. Call it only
// at the start, when nobody writes there.
void remove_half_written(const spool& where);

// Writes a file completely or not at all: writes a temporary file beside it and renames that. Makes
// the folder again if somebody deleted it. Does not wait for the disk, which would stall the loop:
// what must survive a power loss is in the store, and these files are made from it.
result<void> write_whole(const std::filesystem::path& file, std::string_view bytes, mode_t mode);

// Puts a file into incoming/ as an operator would: writes it under a name that is ignored there,
// and then renames it. Returns false if the name is taken.
result<bool> drop_file(const spool& where, const std::string& name, std::string_view bytes,
                       mode_t mode);

// Moves a file and replaces one that has the new name. Makes the target's folder if it is missing.
result<void> move_file(const std::filesystem::path& from, const std::filesystem::path& to);

// Removes a file that the daemon itself has made. Ignores errors.
void remove_file(const std::filesystem::path& file);

enum class presence : std::uint8_t { absent, empty, present };

// Says whether anything has that name, of whatever kind. Nothing is in a missing folder. If the
// folder cannot be searched, that is an error.
result<presence> look_for(const std::filesystem::path& file);
// True if anything has one of those names. Fails as look_for() does.
result<bool> is_any_there(std::initializer_list<std::filesystem::path> files);

// The name of the n-th thing with that stem: `stem`, `stem.2`, `stem.3` …
std::string numbered(const std::string& stem, std::int32_t n);

// Finds a free number: `first`, or a later one that follows a taken number. The number of calls of
// `is_taken` grows only with the logarithm of the result, so that the thousandth file of a name
// does not need a thousand calls.
result<std::int32_t> first_free(std::int32_t first,
                                const std::function<result<bool>(std::int32_t)>& is_taken);

// Why a file was not read.
enum class read_failure : std::uint8_t {
  vanished,
  // The daemon has no permission.
  unreadable,
  not_a_file,
  too_large,
  // A problem of the machine that may pass: no descriptors, no memory, a failing disk.
  trouble,
};

struct file_content {
  std::string bytes;
  store::file_identity identity;
};

struct read_problem {
  read_failure kind = read_failure::trouble;
  // The reason as a sentence.
  std::string text;
  // Set for a file that is too large.
  std::optional<store::file_identity> identity = std::nullopt;
};

// Reads a regular file once, through one descriptor. It does not follow a link, open a device or
// wait for a FIFO. A file of more than `max_bytes` is too large.
std::expected<file_content, read_problem> read_once(const std::filesystem::path& file,
                                                    std::size_t max_bytes);

// Ignores the change time, because a new name, owner or mode does not change the content.
bool is_same_content(const store::file_identity& a, const store::file_identity& b);

// Removes `file` if it is still the file that `identity` describes, with the same content. If it is
// not, that is no error. A file that is renamed over it at the same moment stays.
result<void> remove_if_same(const std::filesystem::path& file,
                            const store::file_identity& identity);

// Moves `file` to `to`, which must not exist, if it is still that file. Otherwise changes nothing
// and returns false.
result<bool> move_if_same(const std::filesystem::path& file, const store::file_identity& identity,
                          const std::filesystem::path& to);

// Both functions above first rename the file to a name of the daemon's own, so that nobody replaces
// it. If the daemon dies then, the file keeps that name. This returns the name that it had before,
// or nothing if `name` is not such a name.
std::optional<std::string> name_before_taking(std::string_view name);
result<void> remove_taken(const spool& where, const std::string& taken_name);
// Gives such a file its name back. Returns false if another file has that name by now.
result<bool> put_back(const spool& where, const std::string& taken_name);

}  // namespace canaryd::daemon
