#include "canaryd/text/operator_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <expected>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace canaryd::text {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t first_piece = 8UZ * 1024;

// The names of the further parts, in order, or why they cannot be told.
std::expected<std::vector<fs::path>, std::string> further_parts(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code trouble;
  fs::directory_iterator each{folder, trouble};
  // A link that leads nowhere is no missing folder: what it leads to may not be mounted.
  std::error_code ignored;
  if (trouble == std::errc::no_such_file_or_directory && !fs::is_symlink(folder, ignored))
    return found;
  for (; !trouble && each != fs::directory_iterator{}; each.increment(trouble)) {
    const auto name = each->path().filename().native();
    if (name.starts_with('.') || !name.ends_with(".json"))
      continue;
    if (found.size() == max_further_parts)
      return std::unexpected{fmt::format("{}: more than the {} files *.json allowed",
                                         folder.native(), max_further_parts)};
    found.push_back(each->path());
  }
  if (trouble)
    return std::unexpected{fmt::format("{}: {}", folder.native(), trouble.message())};
  std::ranges::sort(found, {}, [](const fs::path& part) { return part.filename().native(); });
  return found;
}

}  // namespace

result<std::string> read_operator_file(const std::string& file, std::size_t most) {
  const auto failed = [&] { return failure(fault::system, file + ": " + std::strerror(errno)); };
  // A pipe that nobody writes to would be waited for without an end.
  const int fd = open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0)
    return failed();
  struct stat present{};
  if (fstat(fd, &present) != 0 || !S_ISREG(present.st_mode)) {
    close(fd);
    return failure(fault::system, file + ": not a regular file");
  }
  std::string bytes;
  std::size_t filled = 0;
  while (filled <= most) {
    // It may be much shorter than it may be, and there may be hundreds of them.
    if (filled == bytes.size())
      bytes.resize(std::min(most + 1, std::max(first_piece, 2 * filled)));
    const auto got = read(fd, bytes.data() + filled, bytes.size() - filled);
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0) {
      auto problem = failed();
      close(fd);
      return problem;
    }
    if (got == 0)
      break;
    filled += static_cast<std::size_t>(got);
  }
  close(fd);
  bytes.resize(filled);
  return bytes;
}

split_file read_split_file(const std::string& file, std::size_t max_bytes) {
  split_file read;
  std::size_t bytes = 0;
  const auto take = [&](const std::string& name, std::size_t most) {
    auto content = read_operator_file(name, most);
    if (!content)
      return read.problems.push_back(std::move(content.error().text));
    bytes += content->size();
    read.parts.push_back({.file = name, .bytes = *std::move(content)});
  };
  take(file, max_bytes);
  // What reads it complains of its length.
  if (bytes > max_bytes)
    return read;
  const auto further = further_parts(file + ".d");
  if (!further) {
    read.problems.push_back(further.error());
    return read;
  }
  for (const auto& each : *further) {
    take(each.native(), max_bytes - std::min(bytes, max_bytes));
    if (bytes <= max_bytes)
      continue;
    read.parts.pop_back();
    read.problems.push_back(
        fmt::format("{}: with it the files together have more than the {} bytes allowed",
                    each.native(), max_bytes));
    break;
  }
  return read;
}

}  // namespace canaryd::text
