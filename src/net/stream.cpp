#include "canaryd/net/stream.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/system/system_error.hpp>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace canaryd::net {
namespace {

using boost::system::error_code;
using tcp = boost::asio::ip::tcp;

bool is_gone(int problem) {
  return problem == ECONNRESET || problem == EPIPE || problem == ECONNABORTED;
}

std::string in_words(int problem) {
  return std::generic_category().message(problem);
}

std::unexpected<stream_error> timed_out() {
  return std::unexpected{stream_error{.kind = stream_fault::timed_out, .text = "timed out"}};
}

}  // namespace

stream::stream(const async::executor& ex) : socket_{ex} {}

stream::~stream() {
  if (!tls_)
    return;
  if (!broken_ && SSL_is_init_finished(tls_.get()) == 1)
    SSL_shutdown(tls_.get());
  // Without this, OpenSSL would consider the session of a dropped connection bad.
  SSL_set_shutdown(tls_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  ERR_clear_error();
}

async::task<stream_result<void>> stream::connect(tcp::endpoint peer) {
  if (expired_)
    co_return timed_out();
  error_code ec;
  co_await socket_.async_connect(peer, boost::asio::redirect_error(async::use_task, ec));
  if (expired_)
    co_return timed_out();
  if (ec == boost::asio::error::operation_aborted)
    throw boost::system::system_error{ec};
  if (!ec)
    socket_.non_blocking(true, ec);
  if (!ec)
    socket_.set_option(tcp::no_delay{true}, ec);
  if (ec)
    co_return std::unexpected{stream_error{.kind = stream_fault::failed, .text = ec.message()}};
  io_.descriptor = socket_.native_handle();
  co_return stream_result<void>{};
}

async::task<stream_result<void>> stream::start_tls(SSL_CTX& context, std::string host,
                                                   std::shared_ptr<session_cache> sessions) {
  sessions_ = std::move(sessions);
  tls_ = make_tls(context, host, *sessions_);
  auto* bio = make_socket_bio(io_);
  SSL_set_bio(tls_.get(), bio, bio);
  for (;;) {
    const auto done = shake_hands();
    if (!done)
      co_return std::unexpected{done.error()};
    if (done->next == need::nothing)
      co_return stream_result<void>{};
    if (const auto ready = co_await wait(done->next); !ready)
      co_return ready;
  }
}

async::task<stream_result<void>> stream::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto done = try_write(bytes);
    if (!done)
      co_return std::unexpected{done.error()};
    bytes.remove_prefix(done->count);
    if (done->next == need::nothing)
      continue;
    if (const auto ready = co_await wait(done->next); !ready)
      co_return ready;
  }
  co_return stream_result<void>{};
}

async::task<stream_result<std::size_t>> stream::read_some(std::span<char> space) {
  // The answer has never arrived when a read begins, so a first attempt would waste a system call.
  need next = has_buffered() ? need::nothing : need::readable;
  for (;;) {
    if (next != need::nothing)
      if (const auto ready = co_await wait(next); !ready)
        co_return std::unexpected{ready.error()};
    const auto done = try_read(space);
    if (!done)
      co_return std::unexpected{done.error()};
    if (done->next == need::nothing)
      co_return done->count;
    next = done->next;
  }
}

bool stream::is_quiet() {
  char byte = 0;
  const auto done = try_read({&byte, 1});
  return done && done->next == need::readable;
}

void stream::expire() {
  expired_ = true;
  error_code ignored;
  socket_.cancel(ignored);
}

bool stream::is_resumed() const {
  return tls_ && SSL_session_reused(tls_.get()) == 1;
}

bool stream::has_buffered() const {
  return tls_ && SSL_has_pending(tls_.get()) == 1;
}

async::task<stream_result<void>> stream::wait(need what) {
  if (expired_)
    co_return timed_out();
  const auto direction =
      what == need::readable ? decltype(socket_)::wait_read : decltype(socket_)::wait_write;
  error_code ec;
  co_await socket_.async_wait(direction, boost::asio::redirect_error(async::use_task, ec));
  if (expired_)
    co_return timed_out();
  if (ec)
    throw boost::system::system_error{ec};
  co_return stream_result<void>{};
}

stream::step stream::shake_hands() {
  ERR_clear_error();
  return outcome_of_tls(SSL_do_handshake(tls_.get()));
}

stream::step stream::try_write(std::string_view bytes) {
  if (tls_) {
    ERR_clear_error();
    std::size_t count = 0;
    const int returned = SSL_write_ex(tls_.get(), bytes.data(), bytes.size(), &count);
    if (returned == 1)
      return progress{.count = count};
    return outcome_of_tls(returned);
  }
  const auto count = transmit(io_, bytes.data(), bytes.size());
  if (count >= 0)
    return progress{.count = static_cast<std::size_t>(count)};
  if (io_.problem == 0)
    return progress{.next = need::writable};
  return std::unexpected{socket_problem()};
}

stream::step stream::try_read(std::span<char> space) {
  if (tls_) {
    ERR_clear_error();
    std::size_t count = 0;
    const int returned = SSL_read_ex(tls_.get(), space.data(), space.size(), &count);
    if (returned == 1)
      return progress{.count = count};
    return outcome_of_tls(returned);
  }
  const auto count = receive(io_, space.data(), space.size());
  if (count >= 0)
    return progress{.count = static_cast<std::size_t>(count)};
  if (io_.problem == 0)
    return progress{.next = need::readable};
  return std::unexpected{socket_problem()};
}

stream::step stream::outcome_of_tls(int returned) {
  switch (SSL_get_error(tls_.get(), returned)) {
    case SSL_ERROR_NONE:
    case SSL_ERROR_ZERO_RETURN:
      return progress{};
    case SSL_ERROR_WANT_READ:
      return progress{.next = need::readable};
    case SSL_ERROR_WANT_WRITE:
      return progress{.next = need::writable};
    default:
      broken_ = true;
      return std::unexpected{tls_problem()};
  }
}

stream_error stream::socket_problem() const {
  return {.kind = is_gone(io_.problem) ? stream_fault::closed : stream_fault::failed,
          .text = in_words(io_.problem)};
}

stream_error stream::tls_problem() {
  const auto verified = SSL_get_verify_result(tls_.get());
  if (verified != X509_V_OK)
    return {.kind = stream_fault::failed,
            .text = std::string{"certificate refused: "} + X509_verify_cert_error_string(verified)};
  if (io_.problem != 0)
    return socket_problem();
  if (io_.ended)
    return {.kind = stream_fault::closed, .text = "the connection was cut"};
  return {.kind = stream_fault::failed, .text = take_tls_error()};
}

}  // namespace canaryd::net
