// The system calls for a file that lines are appended to. All of them block.
#pragma once

#include "canaryd/base/error.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace canaryd::daemon {

// Which file it is, and how long.
struct file_mark {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::int64_t size = 0;

  bool operator==(const file_mark&) const = default;
};

// All errors are fault::system.
class line_file {
 public:
  // Opens the file, or makes it with mode 0640.
  explicit line_file(const std::filesystem::path& name);
  ~line_file();
  line_file(const line_file&) = delete;
  line_file& operator=(const line_file&) = delete;

  // Fails too if it could not be opened, or is not a regular file.
  result<file_mark> present() const;
  result<std::string> read(std::int64_t begin, std::int64_t size) const;
  result<void> append(std::string_view text) const;
  result<void> cut_to(std::int64_t size) const;
  // Returns when what was written would survive a loss of power.
  result<void> sync() const;
  // The same for the name of the file.
  result<void> sync_name() const;
  // An error that says this of the file.
  std::unexpected<error> complaint(std::string_view what) const;

 private:
  std::unexpected<error> failed(std::string_view what) const;

  const std::filesystem::path& name_;
  int number_ = -1;
};

// The first line of a small file, without its newline. Empty if there is none.
std::string read_first_line(const std::filesystem::path& file);

// Writes a line over the beginning of a file (mode 0600), without syncing it. At no time is the
// first line of the file anything but this line or the one before.
void overwrite_first_line(const std::filesystem::path& file, std::string_view line);

}  // namespace canaryd::daemon
