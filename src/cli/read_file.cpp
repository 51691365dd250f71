#include "canaryd/cli/read_file.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace canaryd::cli {

result<std::string> read_file(const std::string& file, std::size_t most) {
  const auto failure = [&] {
    return std::unexpected{error{.text = file + ": " + std::strerror(errno)}};
  };
  // Without O_NONBLOCK, opening a pipe that nobody writes to would wait for ever.
  const int fd = open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0)
    return failure();
  struct stat present{};
  if (fstat(fd, &present) != 0 || !S_ISREG(present.st_mode)) {
    close(fd);
    return std::unexpected{error{.text = file + ": not a regular file"}};
  }
  std::string bytes(most + 1, '\0');
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const auto got = read(fd, bytes.data() + filled, bytes.size() - filled);
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0) {
      auto failed = failure();
      close(fd);
      return failed;
    }
    if (got == 0)
      break;
    filled += static_cast<std::size_t>(got);
  }
  close(fd);
  bytes.resize(filled);
  return bytes;
}

}  // namespace canaryd::cli
