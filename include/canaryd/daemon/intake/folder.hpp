// Files in folders that others may write to. Every call is relative to the descriptor of a folder
// that was opened without following a link, does not follow one itself, never waits for the other
// end of a FIFO, and never throws: what is wrong is a value.
#pragma once

#include "canaryd/base/error.hpp"

#include <cstddef>
#include <dirent.h>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <utility>
#include <vector>

namespace canaryd::daemon {

// A file descriptor that closes itself; negative where there is none.
class descriptor {
 public:
  explicit descriptor(int fd = -1) : fd_{fd} {}
  ~descriptor();
  descriptor(descriptor&& other) noexcept : fd_{std::exchange(other.fd_, -1)} {}
  descriptor& operator=(descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  int get() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

// "cannot read /a/b: Permission denied"; `code` is an errno.
error file_error(std::string_view what, const std::filesystem::path& file, int code);

// Not open, with errno, where it is not there (ENOENT), or something else than a folder is in its
// place (ENOTDIR or ELOOP, a link to a folder included).
descriptor open_folder(const std::filesystem::path& folder);

// The same, and makes the folder with that mode where it is missing; its parents are not made.
// What the umask forbids is not allowed, and a set-group-id bit of the parent is inherited.
descriptor open_or_make_folder(const std::filesystem::path& folder, mode_t mode);

// The names in a folder, piece by piece, so that a long list neither stalls the loop nor has to be
// in memory as a whole.
class folder_reader {
 public:
  struct entry {
    std::string name;
    // DT_REG and so on (readdir(3)); DT_UNKNOWN where the file system does not tell.
    unsigned char type = DT_UNKNOWN;
  };

  static result<folder_reader> open(const std::filesystem::path& folder);

  // At most `most` names, in the order of the file system; none at the end.
  result<std::vector<entry>> next(std::size_t most);

  // Of the folder, for calls relative to it.
  int fd() const { return ::dirfd(listing_.get()); }

 private:
  struct closer {
    void operator()(DIR* listing) const { ::closedir(listing); }
  };
  folder_reader(std::filesystem::path folder, DIR* listing)
      : folder_{std::move(folder)}, listing_{listing} {}

  std::filesystem::path folder_;
  std::unique_ptr<DIR, closer> listing_;
};

// Renames without ever replacing what has the new name: EEXIST then. 0, or an errno.
int rename_to_new(int from_folder, const std::string& from, int to_folder, const std::string& to);

}  // namespace canaryd::daemon
