#include "canaryd/daemon/config/secrets.hpp"

#include "canaryd/daemon/tell/log.hpp"
#include "canaryd/text/text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
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
  text::secret content;
  bool world_readable = false;
};

std::unexpected<error> problem(const std::string& path, std::string_view what) {
  return failure(fault::system, fmt::format("{}: {}", path, what));
}

std::unexpected<error> last_error(const std::string& path) {
  return problem(path, std::strerror(errno));
}

// Reads the whole file, or one byte more than allowed if it is too large.
result<std::string> read_all(int number, const std::string& path) {
  std::string content;
  // Allocated at once, because a text that grows leaves copies of the secret in memory.
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

result<secret_file> read_secret_file(const std::string& path) {
  // O_NONBLOCK avoids waiting for the other end of a FIFO.
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
  text::secret hidden{std::move(*content)};
  if (hidden.empty())
    return problem(path, "it is empty, but must have a secret");
  if (hidden.reveal().size() > max_secret_bytes)
    return problem(path, "longer than the 64 KiB allowed");
  if (std::ranges::any_of(hidden.reveal(), text::is_control))
    return problem(path, "it has a control character; only one newline at the end is allowed");
  return secret_file{.content = std::move(hidden),
                     .world_readable = (about.st_mode & S_IROTH) != 0};
}

bool is_there(const std::string& path) {
  return ::access(path.c_str(), F_OK) == 0;
}

bool can_be_read(const std::string& path) {
  return ::access(path.c_str(), R_OK) == 0;
}

// The unit passes the credentials of `api`. Those of a further platform have a dot in their names.
std::string drop_in_for(std::string_view name) {
  return name.contains('.')
             ? fmt::format(", and a drop-in must pass it: LoadCredential={0}:canaryd.{0}", name)
             : std::string{};
}

// Reads one file after the other and collects what is wrong with them.
class secret_reader {
 public:
  explicit secret_reader(const credential_sources& sources) : sources_{sources} {}

  // Returns nothing if the file cannot be read. Then it is a problem, or it is left unchecked.
  std::optional<text::secret> read(const std::string& path, std::string_view key,
                                   bool is_secret = true);
  // True if the file is there. For a file that is optional.
  bool finds(const std::string& path) const {
    return is_there(path) || (is_left_to_service(path) && is_there(stored_as(path)));
  }

  std::vector<std::string> problems;
  std::vector<std::string> warnings;
  std::vector<std::string> unchecked;

 private:
  bool is_credential(const std::string& path) const {
    return !sources_.directory.empty() && path.starts_with(sources_.directory + "/");
  }
  bool is_left_to_service(const std::string& path) const {
    return is_credential(path) && !sources_.required;
  }
  std::string name_of(const std::string& path) const {
    return path.substr(sources_.directory.size() + 1);
  }
  std::string stored_as(const std::string& path) const {
    return fmt::format("{}/canaryd.{}", sources_.store, name_of(path));
  }

  const credential_sources& sources_;
};

std::optional<text::secret> secret_reader::read(const std::string& path, std::string_view key,
                                                bool is_secret) {
  auto file = path;
  if (is_left_to_service(path) && !can_be_read(path)) {
    file = stored_as(path);
    if (!can_be_read(file)) {
      unchecked.push_back(
          fmt::format("the credential {} is not checked: neither {} nor {} can be read here",
                      name_of(path), path, file));
      return std::nullopt;
    }
  }
  if (is_credential(path) && sources_.required && !is_there(path)) {
    problems.push_back(
        fmt::format("{}: missing: the service takes its credential {} from there when it starts{}",
                    stored_as(path), name_of(path), drop_in_for(name_of(path))));
    return std::nullopt;
  }
  auto found = read_secret_file(file);
  if (!found) {
    problems.push_back(is_credential(path) ? found.error().text
                                           : fmt::format("{} ({})", found.error().text, key));
    return std::nullopt;
  }
  if (is_secret && found->world_readable)
    warnings.push_back(
        fmt::format("{}: everybody on this machine may read this secret; give it mode 0600", file));
  return std::move(found->content);
}

platform_secrets load_of(const platform_config& from, secret_reader& files) {
  platform_secrets loaded;
  const auto place = [&](std::string_view key) { return fmt::format("{}.{}", from.place, key); };
  loaded.client_id = from.client_id;
  if (!from.client_id_file.empty()) {
    if (const auto id = files.read(from.client_id_file, place("client_id_file"), false))
      loaded.client_id = id->reveal();
  }
  if (auto client = files.read(from.client_secret_file, place("client_secret_file")))
    loaded.client_secret = *std::move(client);
  const auto& webhook = from.webhook_secret_file;
  if (!webhook.empty() && (!from.webhook_secret_is_optional || files.finds(webhook)))
    loaded.webhook_secret = files.read(webhook, place("webhook_secret_file"));
  return loaded;
}

}  // namespace

result<secrets> load_secrets(const config& from, const credential_sources& sources) {
  secret_reader files{sources};
  secrets loaded;
  for (const auto& [name, each] : from.platforms)
    loaded.platforms.emplace(name, load_of(each, files));
  if (!files.problems.empty())
    return failure(fault::system, fmt::format("{}", fmt::join(files.problems, "; ")));
  loaded.warnings = std::move(files.warnings);
  loaded.unchecked = std::move(files.unchecked);
  return loaded;
}

void warn_of_exposed(const secrets& loaded) {
  for (const auto& warning : loaded.warnings)
    log(severity::warning, topic::exposed_secret, warning);
}

}  // namespace canaryd::daemon
