// The four folders of jobs_dir (reference: "Folders") and the few ways in which the daemon touches
// files.
#pragma once

#include "canaryd/base/error.hpp"
#include "canaryd/base/time.hpp"
#include "canaryd/store/store.hpp"

#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <optional>
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
// jobs_dir may be a link, its four folders may not. Fails where one of them cannot be written to;
// where that may be systemd's sandbox, the text says what opens it.
result<void> make_folders(const spool& where);

// Removes what write_whole() and drop_file() had not finished when a daemon was killed. Only at the
// start: nobody may be writing there.
void remove_half_written(const spool& where);

// Writes a file whole or not at all: a temporary file beside it, renamed over it. Makes the folder
// again where somebody deleted it. Does not wait for the disk, which would stall the loop: what has
// to survive a power loss is in the store, and these files are made from it.
result<void> write_whole(const std::filesystem::path& file, std::string_view bytes, mode_t mode);

// Puts a file into incoming/ as an operator would: written under a name that is ignored there, then
// renamed. False where something of that name is there already.
result<bool> drop_file(const spool& where, const std::string& name, std::string_view bytes,
                       mode_t mode);

// Moves a file, over one that is there; makes the target's folder again where it is missing.
result<void> move_file(const std::filesystem::path& from, const std::filesystem::path& to);

// Removes what the daemon itself has made; says nothing where that does not work.
void remove_file(const std::filesystem::path& file);

enum class presence : std::uint8_t { absent, empty, present };

// What is there under that name, of whatever kind. A missing folder has nothing in it; one that
// cannot be looked into is an error, and never an answer.
result<presence> look_for(const std::filesystem::path& file);
// Whether anything is there under one of those names; an error as with look_for().
result<bool> is_any_there(std::initializer_list<std::filesystem::path> files);

// The name of the n-th of several things with one stem: `stem`, `stem.2`, `stem.3` …
std::string numbered(const std::string& stem, std::int32_t n);

// A number from `first` on that is free: `first` itself, or one that follows a taken one. Asks only
// as many times as the number has digits in base two, so that a thousandth file of a name costs no
// thousand questions.
result<std::int32_t> first_free(std::int32_t first,
                                const std::function<result<bool>(std::int32_t)>& is_taken);

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

struct read_problem {
  read_failure kind = read_failure::trouble;
  // A sentence.
  std::string text;
  // Of a file that is too large.
  std::optional<store::file_identity> identity = std::nullopt;
};

// Reads a regular file once, by one descriptor, without following a link, opening a device or
// waiting for a FIFO. One of more than `max_bytes` is too large.
std::expected<file_content, read_problem> read_once(const std::filesystem::path& file,
                                                    std::size_t max_bytes);

// The same for a file of the operator's own, which may be a link.
std::expected<file_content, read_failure> read_linked(const std::filesystem::path& file,
                                                      std::size_t max_bytes, std::string& why);

// A change of its name, owner or mode leaves a file what it was.
bool is_same_content(const store::file_identity& a, const store::file_identity& b);

// Removes `file` if it still is the one that `identity` tells of, with the same content; not an
// error if it is not. A file that is renamed over it at the same moment stays.
result<void> remove_if_same(const std::filesystem::path& file,
                            const store::file_identity& identity);

// Moves `file` to `to`, where nothing may be yet, if it still is that one. False, and everything is
// as it was, where it is not.
result<bool> move_if_same(const std::filesystem::path& file, const store::file_identity& identity,
                          const std::filesystem::path& to);

// Both take the file out of the reach of others first, under a name of the daemon's own. A daemon
// that dies between the two leaves it there: the name that it had; nothing for any other name.
std::optional<std::string> name_before_taking(std::string_view name);
result<void> remove_taken(const spool& where, const std::string& taken_name);
// Gives such a file its name back; false where another has that name by now.
result<bool> put_back(const spool& where, const std::string& taken_name);

}  // namespace canaryd::daemon
