// The four folders of jobs_dir (SPEC section 4) and the few ways in which the daemon touches files.
#pragma once

#include "canaryd/core/error.hpp"
#include "canaryd/core/time.hpp"
#include "canaryd/store/store.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <sys/types.h>

namespace canaryd::daemon {

struct spool {
  std::filesystem::path jobs_dir;

  std::filesystem::path incoming() const { return jobs_dir / "incoming"; }
  std::filesystem::path active() const { return jobs_dir / "active"; }
  std::filesystem::path done() const { return jobs_dir / "done"; }
  std::filesystem::path rejected() const { return jobs_dir / "rejected"; }
};

// Makes the folders that are missing: jobs_dir itself too, its parents not. incoming/ gets mode
// 1770, the others 0750, as far as the umask allows; a set-group-id bit of jobs_dir is inherited.
core::result<void> make_folders(const spool& where);

// Removes what write_whole() and drop_file() had not finished when a daemon was killed. Only at the
// start: nobody may be writing there.
void remove_half_written(const spool& where);

// Writes a file whole or not at all: a temporary file beside it, renamed over it. Makes the folder
// again where somebody deleted it. Does not wait for the disk, which would stall the loop: what has
// to survive a power loss is in the store, and these files are made from it.
core::result<void> write_whole(const std::filesystem::path& file, std::string_view bytes,
                               mode_t mode);

// Puts a file into incoming/ as an operator would: written under a name that is ignored there, then
// renamed. False where something of that name is there already.
core::result<bool> drop_file(const spool& where, const std::string& name, std::string_view bytes,
                             mode_t mode);

// Moves a file, over one that is there; makes the target's folder again where it is missing.
core::result<void> move_file(const std::filesystem::path& from, const std::filesystem::path& to);

// Something of that name is there, of whatever kind.
bool is_there(const std::filesystem::path& file);

// The name of the n-th of several things with one stem: `stem`, `stem.2`, `stem.3` …
std::string numbered(const std::string& stem, std::int32_t n);

// Why a file was not read.
enum class read_failure : std::uint8_t {
  vanished,
  // For want of a right.
  unreadable,
  not_a_file,
  too_large,
  // The machine's own, which may pass: no descriptors, no memory, a disk that fails.
  trouble,
};

struct file_content {
  std::string bytes;
  store::file_identity identity;
};

// Reads a regular file once, by one descriptor, without following a link or waiting for a FIFO. One
// of more than `max_bytes` is too large; `why` then has a sentence for every failure.
std::expected<file_content, read_failure> read_once(const std::filesystem::path& file,
                                                    std::size_t max_bytes, std::string& why);

// The same for a file of the operator's own, which may be a link.
std::expected<file_content, read_failure> read_linked(const std::filesystem::path& file,
                                                      std::size_t max_bytes, std::string& why);

// Removes `file` if it still is the one that `identity` tells of, with the same content; not an
// error if it is not.
core::result<void> remove_if_same(const std::filesystem::path& file,
                                  const store::file_identity& identity);

}  // namespace canaryd::daemon
