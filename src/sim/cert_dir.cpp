#include "canaryd/sim/cert_dir.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace canaryd::sim {
namespace {

constexpr std::size_t pem_limit = 64UL * 1024UL;
constexpr unsigned for_all = 0644;
constexpr unsigned for_owner = 0600;

std::unexpected<error> trouble(std::string_view path, const std::error_code& ec) {
  return failure(canaryd::fault::system, fmt::format("{}: {}", path, ec.message()));
}

std::error_code last_error() {
  return {errno, std::generic_category()};
}

result<std::string> make_directory(const std::string& wanted) {
  std::error_code ec;
  if (!wanted.empty()) {
    std::filesystem::create_directories(wanted, ec);
    if (ec)
      return trouble(wanted, ec);
    return std::filesystem::absolute(wanted).lexically_normal().string();
  }
  const char* base = std::getenv("TMPDIR");
  std::string name = fmt::format("{}/cognigy-sim.XXXXXX", base == nullptr ? "/tmp" : base);
  if (mkdtemp(name.data()) == nullptr)
    return trouble(name, last_error());
  return name;
}

// The certificates in the directory. Returns nothing if one of the files is not there.
std::optional<certificates> read_certificates(const std::string& directory) {
  const auto ca = read_text_file(directory + "/ca.pem", pem_limit);
  const auto cert = read_text_file(directory + "/cert.pem", pem_limit);
  const auto key = read_text_file(directory + "/key.pem", pem_limit);
  if (!ca || !cert || !key)
    return std::nullopt;
  return certificates{.ca_pem = *ca, .cert_pem = *cert, .key_pem = *key};
}

result<certificates> write_new_certificates(const std::string& directory) {
  certificates made;
  try {
    made = make_certificates();
  } catch (const std::runtime_error& problem) {
    return failure(canaryd::fault::system, problem.what());
  }
  for (const auto& [name, text, mode] : {std::tuple{"/ca.pem", &made.ca_pem, for_all},
                                         {"/cert.pem", &made.cert_pem, for_all},
                                         {"/key.pem", &made.key_pem, for_owner}}) {
    if (const auto written = write_text_file(directory + name, *text, mode); !written)
      return std::unexpected{written.error()};
  }
  return made;
}

}  // namespace

result<client_files> prepare_client_files(const std::string& directory,
                                          const std::string& client_secret) {
  const auto place = make_directory(directory);
  if (!place)
    return std::unexpected{place.error()};
  client_files files{.directory = *place, .tls = {}};
  if (auto known = read_certificates(*place)) {
    files.tls = std::move(*known);
  } else {
    auto made = write_new_certificates(*place);
    if (!made)
      return std::unexpected{made.error()};
    files.tls = std::move(*made);
  }
  auto written = write_text_file(files.client_secret_file(), client_secret + "\n", for_owner);
  if (written)
    written = write_text_file(files.webhook_secret_file(), "demo-webhook-secret\n", for_owner);
  if (!written)
    return std::unexpected{written.error()};
  return files;
}

result<void> write_text_file(const std::string& path, std::string_view text, unsigned mode) {
  const int descriptor = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
  if (descriptor < 0)
    return trouble(path, last_error());
  const auto written = write(descriptor, text.data(), text.size());
  const auto problem = last_error();
  close(descriptor);
  if (written != static_cast<ssize_t>(text.size()))
    return trouble(path, written < 0 ? problem : std::make_error_code(std::errc::io_error));
  return {};
}

result<std::string> read_text_file(const std::string& path, std::size_t limit) {
  std::error_code ec;
  const auto size = std::filesystem::file_size(path, ec);
  if (ec)
    return trouble(path, ec);
  if (size > limit)
    return trouble(path, std::make_error_code(std::errc::file_too_large));
  std::ifstream file{path, std::ios::binary};
  std::string text(std::istreambuf_iterator<char>{file}, {});
  if (!file)
    return trouble(path, std::make_error_code(std::errc::io_error));
  return text;
}

}  // namespace canaryd::sim
