#include "canaryd/daemon/secrets.hpp"

#include "canaryd/core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace canaryd::daemon {
namespace {

constexpr std::size_t max_secret_bytes = 64UZ * 1024;

class descriptor {
 public:
  explicit descriptor(int number) : number_(number) {}
  ~descriptor() {
    if (number_ >= 0)
      ::close(number_);
  }
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;

  int number() const { return number_; }

 private:
  int number_;
};

struct secret_file {
  core::secret content;
  bool world_readable = false;
};

std::unexpected<core::error> problem(const std::string& path, std::string_view what) {
  return std::unexpected{
      core::error{.kind = core::fault::system, .text = fmt::format("{}: {}", path, what)}};
}

std::unexpected<core::error> last_error(const std::string& path) {
  return problem(path, std::strerror(errno));
}

// The whole file; one byte more than allowed where it is too large.
core::result<std::string> read_all(int number, const std::string& path) {
  std::string content;
  // In one piece, so that no copy of a secret is left behind by growing.
  content.resize(max_secret_bytes + 1);
  std::size_t size = 0;
  for (;;) {
    const auto taken = ::read(number, content.data() + size, content.size() - size);
    if (taken < 0 && errno == EINTR)
      continue;
    if (taken < 0)
      return last_error(path);
    size += static_cast<std::size_t>(taken);
    if (taken == 0 || size == content.size())
      break;
  }
  content.resize(size);
  return content;
}

core::result<secret_file> read_secret_file(const std::string& path) {
  // Not waiting for the other end of a FIFO.
  const descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (file.number() < 0)
    return last_error(path);
  struct stat about{};
  if (::fstat(file.number(), &about) != 0)
    return last_error(path);
  if (!S_ISREG(about.st_mode))
    return problem(path, "not a regular file");
  auto content = read_all(file.number(), path);
  if (!content)
    return std::unexpected{std::move(content.error())};
  if (content->ends_with('\n'))
    content->pop_back();
  core::secret hidden{std::move(*content)};
  if (hidden.empty())
    return problem(path, "empty, a secret is expected");
  if (hidden.reveal().size() > max_secret_bytes)
    return problem(path, "longer than the 64 KiB allowed");
  if (std::ranges::any_of(hidden.reveal(), core::is_control))
    return problem(path, "has a control character in it, only one newline at the end is allowed");
  return secret_file{.content = std::move(hidden),
                     .world_readable = (about.st_mode & S_IROTH) != 0};
}

void warn(secrets& loaded, const std::string& path, const secret_file& file) {
  if (file.world_readable)
    loaded.warnings.push_back(fmt::format(
        "{}: everybody on this machine may read this secret, mode 0600 is meant", path));
}

bool has_webhook_secret(const api_config& api) {
  if (api.webhook_secret_file.empty())
    return false;
  std::error_code ignored;
  return !api.webhook_secret_is_optional ||
         std::filesystem::exists(api.webhook_secret_file, ignored);
}

}  // namespace

core::result<secrets> load_secrets(const config& from) {
  const auto& api = from.api;
  secrets loaded{.client_id = api.client_id,
                 .client_secret = {},
                 .webhook_secret = std::nullopt,
                 .warnings = {}};
  if (!api.client_id_file.empty()) {
    const auto id = read_secret_file(api.client_id_file);
    if (!id)
      return std::unexpected{id.error()};
    loaded.client_id = id->content.reveal();
  }
  auto client = read_secret_file(api.client_secret_file);
  if (!client)
    return std::unexpected{std::move(client.error())};
  warn(loaded, api.client_secret_file, *client);
  loaded.client_secret = std::move(client->content);
  if (has_webhook_secret(api)) {
    auto webhook = read_secret_file(api.webhook_secret_file);
    if (!webhook)
      return std::unexpected{std::move(webhook.error())};
    warn(loaded, api.webhook_secret_file, *webhook);
    loaded.webhook_secret = std::move(webhook->content);
  }
  return loaded;
}

}  // namespace canaryd::daemon
