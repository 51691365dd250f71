#include "canaryd/net/tls_context.hpp"

#include <boost/asio/ip/address.hpp>
#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <memory>
#include <new>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace canaryd::net {
namespace {

constexpr std::size_t max_sessions = 4;
// Many times the size of any real list of authorities.
constexpr std::size_t max_ca_bytes = std::size_t{16} << 20;

// OpenSSL calls it for each session that a peer issues. 1 means that we keep the session.
int remember_session(SSL* connection, SSL_SESSION* session) {
  auto* sessions = static_cast<session_cache*>(SSL_get_app_data(connection));
  if (sessions == nullptr)
    return 0;
  sessions->add(tls_session{session});
  return 1;
}

std::string last_system_error() {
  return std::generic_category().message(errno);
}

result<std::string> read_regular(int fd) {
  struct stat opened{};
  if (fd < 0 || ::fstat(fd, &opened) != 0)
    return failure(fault::system, last_system_error());
  if (!S_ISREG(opened.st_mode))
    return failure(fault::system, "not a regular file");
  std::string bytes;
  for (std::array<char, 65536> part{};;) {
    const auto got = ::read(fd, part.data(), part.size());
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return failure(fault::system, last_system_error());
    if (got == 0)
      return bytes;
    bytes.append(part.data(), static_cast<std::size_t>(got));
    if (bytes.size() > max_ca_bytes)
      return failure(fault::system, fmt::format("it is over {} bytes", max_ca_bytes));
  }
}

// Opened here, because OpenSSL would wait for the other end of a FIFO and read a device for ever.
result<std::string> read_ca_file(const std::string& file) {
  const int fd = ::open(file.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  auto bytes = read_regular(fd);
  if (fd >= 0)
    ::close(fd);
  return bytes;
}

struct free_pem {
  void operator()(BIO* source) const { BIO_free(source); }
  void operator()(STACK_OF(X509_INFO) * all) const { sk_X509_INFO_pop_free(all, X509_INFO_free); }
};

// Adds the certificates and revocation lists of a PEM text to `store`, or says why it cannot.
result<void> trust(X509_STORE& store, const std::string& pem) {
  const std::unique_ptr<BIO, free_pem> source{
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))};
  if (!source)
    throw std::bad_alloc{};
  const std::unique_ptr<STACK_OF(X509_INFO), free_pem> all{
      PEM_X509_INFO_read_bio(source.get(), nullptr, nullptr, nullptr)};
  if (!all)
    return failure(fault::system, take_tls_error());
  int added = 0;
  for (int i = 0; i < sk_X509_INFO_num(all.get()); ++i) {
    const auto* item = sk_X509_INFO_value(all.get(), i);
    if ((item->x509 != nullptr && X509_STORE_add_cert(&store, item->x509) != 1) ||
        (item->crl != nullptr && X509_STORE_add_crl(&store, item->crl) != 1))
      return failure(fault::system, take_tls_error());
    added += item->x509 != nullptr || item->crl != nullptr ? 1 : 0;
  }
  return added > 0 ? result<void>{} : failure(fault::system, "no certificate found");
}

result<void> load_trust(SSL_CTX& context, const std::string& ca_file) {
  if (ca_file.empty())
    return SSL_CTX_set_default_verify_paths(&context) == 1
               ? result<void>{}
               : failure(fault::system, take_tls_error());
  const auto pem = read_ca_file(ca_file);
  if (!pem)
    return std::unexpected{pem.error()};
  return trust(*SSL_CTX_get_cert_store(&context), *pem);
}

// The certificate must name the host. SNI carries only names, not addresses (RFC 6066).
bool set_host(SSL& connection, const std::string& host) {
  boost::system::error_code ec;
  boost::asio::ip::make_address(host, ec);
  if (!ec)
    return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(&connection), host.c_str()) == 1;
  // Only the names that a certificate lists count; its common name does not (RFC 9525).
  SSL_set_hostflags(&connection,
                    X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  return SSL_set1_host(&connection, host.c_str()) == 1 &&
         SSL_set_tlsext_host_name(&connection, host.c_str()) == 1;
}

}  // namespace

void free_tls::operator()(SSL_CTX* context) const {
  SSL_CTX_free(context);
}
void free_tls::operator()(SSL* connection) const {
  SSL_free(connection);
}
void free_tls::operator()(SSL_SESSION* session) const {
  SSL_SESSION_free(session);
}

result<tls_context> make_tls_context(const std::string& ca_file) {
  ERR_clear_error();
  tls_context context{SSL_CTX_new(TLS_client_method())};
  if (!context)
    throw std::bad_alloc{};
  if (const auto trusted = load_trust(*context, ca_file); !trusted)
    return failure(fault::system,
                   fmt::format("cannot use the CA file {}: {}", ca_file, trusted.error().text));
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(),
                      SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CLEANSE_PLAINTEXT);
  SSL_CTX_set_mode(context.get(),
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  // One recv() fetches a whole record, and often a whole answer.
  SSL_CTX_set_read_ahead(context.get(), 1);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context.get(), remember_session);
  constexpr std::array<unsigned char, 9> http_1_1{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  SSL_CTX_set_alpn_protos(context.get(), http_1_1.data(), http_1_1.size());
  return context;
}

tls_session session_cache::take() {
  if (sessions_.empty())
    return {};
  if (SSL_SESSION_get_protocol_version(sessions_.back().get()) < TLS1_3_VERSION) {
    SSL_SESSION_up_ref(sessions_.back().get());
    return tls_session{sessions_.back().get()};
  }
  auto newest = std::move(sessions_.back());
  sessions_.pop_back();
  return newest;
}

void session_cache::add(tls_session session) {
  if (sessions_.size() == max_sessions)
    sessions_.erase(sessions_.begin());
  sessions_.push_back(std::move(session));
}

std::unique_ptr<SSL, free_tls> make_tls(SSL_CTX& context, const std::string& host,
                                        session_cache& sessions) {
  std::unique_ptr<SSL, free_tls> connection{SSL_new(&context)};
  if (!connection || !set_host(*connection, host))
    throw std::bad_alloc{};
  SSL_set_app_data(connection.get(), &sessions);
  if (const auto known = sessions.take())
    SSL_set_session(connection.get(), known.get());
  SSL_set_connect_state(connection.get());
  return connection;
}

std::string take_tls_error() {
  const auto code = ERR_peek_error();
  const char* const reason = ERR_reason_error_string(code);
  std::string text = reason != nullptr ? reason : fmt::format("TLS error {:x}", code);
  ERR_clear_error();
  return text;
}

}  // namespace canaryd::net
