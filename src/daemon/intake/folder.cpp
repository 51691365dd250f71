#include "canaryd/daemon/intake/folder.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <fcntl.h>
#include <stdio.h>
#include <system_error>
#include <unistd.h>

namespace canaryd::daemon {

descriptor::~descriptor() {
  if (fd_ >= 0)
    ::close(fd_);
}

error file_error(std::string_view what, const std::filesystem::path& file, int code) {
  return {.kind = fault::system,
          .text = fmt::format("cannot {} {}: {}", what, file.native(),
                              std::generic_category().message(code))};
}

descriptor open_folder(const std::filesystem::path& folder) {
  return descriptor{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
}

descriptor open_or_make_folder(const std::filesystem::path& folder, mode_t mode) {
  auto opened = open_folder(folder);
  if (opened.is_open() || errno != ENOENT)
    return opened;
  if (::mkdir(folder.c_str(), mode) != 0 && errno != EEXIST)
    return opened;
  return open_folder(folder);
}

result<folder_reader> folder_reader::open(const std::filesystem::path& folder) {
  auto opened = open_folder(folder);
  DIR* listing = opened.is_open() ? ::fdopendir(opened.get()) : nullptr;
  if (listing == nullptr)
    return std::unexpected{file_error("read", folder, errno)};
  // closedir() will close the descriptor.
  (void)opened.release();
  return folder_reader{folder, listing};
}

result<std::vector<folder_reader::entry>> folder_reader::next(std::size_t most) {
  std::vector<entry> names;
  while (names.size() < most) {
    errno = 0;
    const auto* found = ::readdir(listing_.get());
    if (found == nullptr && errno != 0)
      return std::unexpected{file_error("read", folder_, errno)};
    if (found == nullptr)
      break;
    const std::string_view name{static_cast<const char*>(found->d_name)};
    if (name != "." && name != "..")
      names.push_back({std::string{name}, found->d_type});
  }
  return names;
}

int rename_to_new(int from_folder, const std::string& from, int to_folder, const std::string& to) {
  if (::renameat2(from_folder, from.c_str(), to_folder, to.c_str(), RENAME_NOREPLACE) == 0)
    return 0;
  if (errno != EINVAL && errno != ENOSYS)
    return errno;
  // Some file systems, such as NFS, cannot rename like that. Making a link never replaces a file
  // either.
  if (::linkat(from_folder, from.c_str(), to_folder, to.c_str(), 0) != 0)
    return errno;
  return ::unlinkat(from_folder, from.c_str(), 0) == 0 ? 0 : errno;
}

}  // namespace canaryd::daemon
