#include "scripted_server.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <array>
#include <csignal>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <optional>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

namespace canaryd::net {
namespace {

void require(bool done, const char* what) {
  if (!done)
    throw std::runtime_error{what};
}

void use_identity(SSL_CTX& context, const sim::certificates& identity) {
  BIO* cert = BIO_new_mem_buf(identity.cert_pem.data(), static_cast<int>(identity.cert_pem.size()));
  X509* leaf = PEM_read_bio_X509(cert, nullptr, nullptr, nullptr);
  BIO* pem = BIO_new_mem_buf(identity.key_pem.data(), static_cast<int>(identity.key_pem.size()));
  EVP_PKEY* key = PEM_read_bio_PrivateKey(pem, nullptr, nullptr, nullptr);
  require(SSL_CTX_use_certificate(&context, leaf) == 1, "certificate");
  require(SSL_CTX_use_PrivateKey(&context, key) == 1, "key");
  X509_free(leaf);
  EVP_PKEY_free(key);
  BIO_free(cert);
  BIO_free(pem);
}

SSL_CTX* make_server_context(const server_options& options) {
  SSL_CTX* context = SSL_CTX_new(TLS_server_method());
  if (!options.tls)
    return context;
  // Old protocol versions are offered only if a test checks that they are refused.
  SSL_CTX_set_security_level(context, 0);
  SSL_CTX_set_min_proto_version(context, options.min_version);
  SSL_CTX_set_max_proto_version(context, options.max_version);
  constexpr std::string_view session_context = "scripted";
  SSL_CTX_set_session_id_context(context,
                                 reinterpret_cast<const unsigned char*>(session_context.data()),
                                 static_cast<unsigned>(session_context.size()));
  use_identity(*context, options.identity);
  return context;
}

int listen_on_loopback(std::uint16_t& port) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  require(bind(listener, reinterpret_cast<sockaddr*>(&address), size) == 0, "bind");
  require(listen(listener, 64) == 0, "listen");
  getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  port = ntohs(address.sin_port);
  return listener;
}

std::size_t body_bytes(const std::string& header) {
  constexpr std::string_view name = "Content-Length: ";
  const auto found = header.find(name);
  return found == std::string::npos ? 0 : std::stoul(header.substr(found + name.size()));
}

}  // namespace

peer::~peer() {
  SSL_free(tls_);
  close(descriptor_);
}

bool peer::start_tls(SSL_CTX& context) {
  tls_ = SSL_new(&context);
  SSL_set_fd(tls_, descriptor_);
  return SSL_accept(tls_) == 1;
}

long peer::read_some(char* space, std::size_t size) {
  if (tls_ != nullptr)
    return SSL_read(tls_, space, static_cast<int>(size));
  return recv(descriptor_, space, size, 0);
}

std::string peer::read_request() {
  std::string text;
  std::array<char, 16384> space{};
  std::optional<std::size_t> whole;
  for (;;) {
    if (const auto end = whole ? 0 : text.find("\r\n\r\n"); !whole && end != std::string::npos)
      whole = end + 4 + body_bytes(text);
    if (whole && text.size() >= *whole)
      return text;
    const auto count = read_some(space.data(), space.size());
    if (count <= 0)
      return {};
    text.append(space.data(), static_cast<std::size_t>(count));
  }
}

void peer::send(std::string_view bytes) {
  if (tls_ != nullptr) {
    SSL_write(tls_, bytes.data(), static_cast<int>(bytes.size()));
    return;
  }
  while (!bytes.empty()) {
    const auto count = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0)
      return;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

void peer::wait_for_close() {
  std::array<char, 4096> space{};
  while (read_some(space.data(), space.size()) > 0) {
  }
}

void peer::cut() {
  if (tls_ != nullptr)
    SSL_set_quiet_shutdown(tls_, 1);
  finish();
}

void peer::reset() {
  if (tls_ != nullptr)
    SSL_set_quiet_shutdown(tls_, 1);
  sockaddr nowhere{};
  nowhere.sa_family = AF_UNSPEC;
  connect(descriptor_, &nowhere, sizeof nowhere);
}

void peer::finish() {
  if (tls_ != nullptr && SSL_is_init_finished(tls_) == 1)
    SSL_shutdown(tls_);
  ERR_clear_error();
  shutdown(descriptor_, SHUT_RDWR);
}

void peer::interrupt() const {
  shutdown(descriptor_, SHUT_RDWR);
}

scripted_server::scripted_server(const server_options& options, std::vector<script> scripts)
    : context_{make_server_context(options), SSL_CTX_free},
      tls_{options.tls},
      listener_{listen_on_loopback(port_)} {
  // OpenSSL uses write(), and tests deliberately write to peers that are gone.
  std::signal(SIGPIPE, SIG_IGN);
  acceptor_ = std::thread{[this, scripts = std::move(scripts)] { accept_all(scripts); }};
}

scripted_server::~scripted_server() {
  shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  for (auto& each : guests_) {
    each.side.interrupt();
    each.thread.join();
  }
  close(listener_);
}

void scripted_server::accept_all(const std::vector<script>& scripts) {
  for (;;) {
    const int descriptor = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (descriptor < 0)
      return;
    const auto number = static_cast<std::size_t>(connections_++);
    if (number >= scripts.size()) {
      close(descriptor);
      continue;
    }
    const timeval patience{.tv_sec = 5, .tv_usec = 0};
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    const int on = 1;
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    auto& added = guests_.emplace_back(descriptor);
    added.thread = std::thread{[this, &side = added.side, script = scripts[number]] {
      if (!tls_ || side.start_tls(*context_))
        script(side);
      side.finish();
    }};
  }
}

std::string answer(int status, std::string_view body, std::string_view more_headers) {
  return fmt::format("HTTP/1.1 {} Word\r\nContent-Length: {}\r\n{}\r\n{}", status, body.size(),
                     more_headers, body);
}

script answer_all(std::string bytes) {
  return [bytes = std::move(bytes)](peer& client) {
    while (!client.read_request().empty())
      client.send(bytes);
  };
}

}  // namespace canaryd::net
