// Handles files in folders that others may write to. Folders are opened without following a link,
// and every call is relative to the descriptor of a folder. No call follows a link, waits for the
// other end of a FIFO, or throws: errors are values.
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

// A file descriptor that closes itself; negative if there is none.
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

// Makes "cannot read /a/b: Permission denied"; `code` is an errno.
error file_error(std::string_view what, const std::filesystem::path& file, int code);

// The result is not open, and errno is set, if nothing is there (ENOENT) or if something else than
// a folder is there (ENOTDIR or ELOOP), even a link to a folder.
descriptor open_folder(const std::filesystem::path& folder);

// The same, but makes a missing folder with that mode; does not make its parents. The umask
// applies, and a set-group-id bit of the parent is inherited.
descriptor open_or_make_folder(const std::filesystem::path& folder, mode_t mode);

// Reads the names in a folder in pieces, so that a long list neither stalls the loop nor takes much
// memory.
class folder_reader {
 public:
  struct entry {
    std::string name;
    // DT_REG and so on (readdir(3)); DT_UNKNOWN if the file system does not tell.
    unsigned char type = DT_UNKNOWN;
  };

  static result<folder_reader> open(const std::filesystem::path& folder);

  // Returns at most `most` names, in the order of the file system; none at the end.
  result<std::vector<entry>> next(std::size_t most);

  // The descriptor of the folder, for calls relative to it.
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

// Renames a file but never replaces one: returns EEXIST if the new name is taken. Returns 0 or an
// errno.
int rename_to_new(int from_folder, const std::string& from, int to_folder, const std::string& to);

}  // namespace canaryd::daemon
