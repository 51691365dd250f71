#include "line_file.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace canaryd::daemon {
namespace fs = std::filesystem;
namespace {

// O_NONBLOCK avoids waiting for the other end of a FIFO.
constexpr int usual_flags = O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
constexpr mode_t audit_mode = 0640;

}  // namespace

line_file::line_file(const fs::path& name)
    : name_{name},
      number_{::open(name.c_str(), O_RDWR | O_APPEND | O_CREAT | usual_flags, audit_mode)} {}

line_file::~line_file() {
  if (number_ >= 0)
    ::close(number_);
}

std::unexpected<error> line_file::complaint(std::string_view what) const {
  return failure(fault::system, fmt::format("{}: {}", name_.native(), what));
}

std::unexpected<error> line_file::failed(std::string_view what) const {
  return complaint(fmt::format("cannot {}: {}", what, std::strerror(errno)));
}

result<file_mark> line_file::present() const {
  struct stat about{};
  // Without a descriptor, errno is still that of the constructor.
  if (number_ < 0)
    return failed("open it");
  if (::fstat(number_, &about) != 0)
    return failed("look at it");
  if (!S_ISREG(about.st_mode))
    return complaint("not a regular file");
  return file_mark{.device = about.st_dev, .inode = about.st_ino, .size = about.st_size};
}

result<std::string> line_file::read(std::int64_t begin, std::int64_t size) const {
  std::string text(static_cast<std::size_t>(size), '\0');
  std::size_t filled = 0;
  while (filled < text.size()) {
    const auto got = ::pread(number_, text.data() + filled, text.size() - filled,
                             begin + static_cast<std::int64_t>(filled));
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return failed("read it");
    if (got == 0)
      break;
    filled += static_cast<std::size_t>(got);
  }
  text.resize(filled);
  return text;
}

result<void> line_file::append(std::string_view text) const {
  while (!text.empty()) {
    const auto written = ::write(number_, text.data(), text.size());
    if (written < 0 && errno == EINTR)
      continue;
    if (written < 0)
      return failed("write to it");
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

result<void> line_file::cut_to(std::int64_t size) const {
  if (::ftruncate(number_, size) != 0)
    return failed("cut off a torn line");
  return {};
}

result<void> line_file::sync() const {
  if (::fdatasync(number_) != 0)
    return failed("sync it");
  return {};
}

result<void> line_file::sync_name() const {
  const int folder = ::open(name_.parent_path().c_str(), O_RDONLY | O_DIRECTORY | usual_flags);
  // A folder that cannot be opened for reading, or file systems that know no such call, are no
  // reason to keep records waiting.
  const bool failed_to_sync = folder >= 0 && ::fsync(folder) != 0 && errno != EINVAL;
  auto outcome = failed_to_sync ? result<void>{failed("sync its folder")} : result<void>{};
  if (folder >= 0)
    ::close(folder);
  return outcome;
}

std::string read_first_line(const fs::path& file) {
  std::string text;
  const int number = ::open(file.c_str(), O_RDONLY | usual_flags);
  if (number < 0)
    return text;
  std::array<char, 4096> bytes{};
  // More than any record has.
  constexpr std::size_t longest = 1U << 20U;
  for (auto got = ::read(number, bytes.data(), bytes.size()); got > 0 && text.size() < longest;
       got = ::read(number, bytes.data(), bytes.size()))
    text.append(bytes.data(), static_cast<std::size_t>(got));
  ::close(number);
  const auto end = text.find('\n');
  text.resize(end == std::string::npos ? 0 : end);
  return text;
}

void overwrite_first_line(const fs::path& file, std::string_view line) {
  const int number = ::open(file.c_str(), O_WRONLY | O_CREAT | usual_flags, 0600);
  if (number < 0)
    return;
  const auto text = fmt::format("{}\n", line);
  const auto written = ::pwrite(number, text.data(), text.size(), 0);
  // What was longer before is behind the newline by now, so it does not matter if this fails.
  if (written == static_cast<ssize_t>(text.size()))
    (void)!::ftruncate(number, written);
  ::close(number);
}

}  // namespace canaryd::daemon
