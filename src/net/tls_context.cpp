#include "canaryd/net/tls_context.hpp"

#include <boost/asio/ip/address.hpp>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <new>
#include <utility>

namespace canaryd::net {
namespace {

constexpr std::size_t max_sessions = 4;

std::unexpected<core::error> failed(std::string text) {
  return std::unexpected{core::error{.kind = core::fault::system, .text = std::move(text)}};
}

// OpenSSL's callback for each session that a peer issues. 1 = it is ours now.
int remember_session(SSL* connection, SSL_SESSION* session) {
  auto* sessions = static_cast<session_cache*>(SSL_get_app_data(connection));
  if (sessions == nullptr)
    return 0;
  sessions->add(tls_session{session});
  return 1;
}

bool load_trust(SSL_CTX& context, const std::string& ca_file) {
  if (ca_file.empty())
    return SSL_CTX_set_default_verify_paths(&context) == 1;
  return SSL_CTX_load_verify_file(&context, ca_file.c_str()) == 1;
}

// The certificate must name the host; only a name, not an address, is sent as SNI (RFC 6066).
bool set_host(SSL& connection, const std::string& host) {
  boost::system::error_code ec;
  boost::asio::ip::make_address(host, ec);
  if (!ec)
    return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(&connection), host.c_str()) == 1;
  // Only the names that a certificate lists count: its common name is for people (RFC 9525).
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

core::result<tls_context> make_tls_context(const std::string& ca_file) {
  ERR_clear_error();
  tls_context context{SSL_CTX_new(TLS_client_method())};
  if (!context)
    throw std::bad_alloc{};
  if (!load_trust(*context, ca_file))
    return failed(fmt::format("cannot use the CA file {}: {}", ca_file, take_tls_error()));
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
