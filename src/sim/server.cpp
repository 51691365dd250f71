#include "canaryd/sim/server.hpp"

#include "canaryd/sim/console.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/socket_base.hpp>
#include <boost/system/system_error.hpp>
#include <fmt/format.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <utility>

namespace canaryd::sim {
namespace {

using namespace std::chrono_literals;
using boost::asio::ip::tcp;
using boost::system::error_code;

result<void> trouble(std::string_view what, const error_code& ec) {
  return failure(canaryd::fault::system, fmt::format("{}: {}", what, ec.message()));
}

}  // namespace

// Removes a connection from the list, however its task ends.
struct server::departure {
  visit_list& visits;
  visit_list::iterator self;
  ~departure() { visits.erase(self); }
};

result<std::unique_ptr<server>> server::listen(async::executor ex, world& played,
                                               const std::string& address, std::uint16_t port,
                                               server_options options) {
  std::unique_ptr<server> made{new server{ex, played, std::move(options)}};
  const bool is_plain = made->options_.certificate.empty() && made->options_.private_key.empty();
  if (!is_plain) {
    if (const auto ready = made->use_tls(); !ready)
      return std::unexpected{ready.error()};
  }
  if (const auto opened = made->open(address, port); !opened)
    return std::unexpected{opened.error()};
  return made;
}

server::server(async::executor ex, world& played, server_options options)
    : world_{played}, options_{std::move(options)}, acceptor_{ex}, tasks_{ex} {}

result<void> server::use_tls() {
  auto& context = tls_.emplace(boost::asio::ssl::context::tls_server);
  SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
  error_code ec;
  context.use_certificate_chain(boost::asio::buffer(options_.certificate), ec);
  if (ec)
    return trouble("the certificate cannot be used", ec);
  context.use_private_key(boost::asio::buffer(options_.private_key), boost::asio::ssl::context::pem,
                          ec);
  if (ec)
    return trouble("the private key cannot be used", ec);
  return {};
}

result<void> server::open(const std::string& address, std::uint16_t port) {
  const auto what = fmt::format("{} port {}", address, port);
  error_code ec;
  const tcp::endpoint place{boost::asio::ip::make_address(address, ec), port};
  if (ec)
    return trouble(what, ec);
  acceptor_.open(place.protocol(), ec);
  if (ec)
    return trouble(what, ec);
  acceptor_.set_option(boost::asio::socket_base::reuse_address{true}, ec);
  if (!ec)
    acceptor_.bind(place, ec);
  if (!ec)
    acceptor_.listen(boost::asio::socket_base::max_listen_connections, ec);
  if (ec)
    return trouble(what, ec);
  port_ = acceptor_.local_endpoint().port();
  return {};
}

async::task<> server::run() {
  tasks_.spawn(end_idle_ones());
  co_await async::run_and_join(tasks_, accept_all());
}

void server::stop() {
  stopped_ = true;
  error_code ignored;
  acceptor_.close(ignored);
}

async::task<> server::accept_all() {
  while (!stopped_) {
    error_code ec;
    auto peer = co_await acceptor_.async_accept(boost::asio::redirect_error(async::use_task, ec));
    if (stopped_)
      co_return;
    if (ec == boost::asio::error::operation_aborted)
      throw boost::system::system_error{ec};
    if (ec) {
      // For example, there are no descriptors left; some will become free.
      co_await async::sleep_for(100ms);
    } else if (visits_.size() < options_.max_connections) {
      const auto self = visits_.insert(visits_.end(), visit{.busy_until = async::clock::now()});
      self->task = tasks_.spawn(serve(std::move(peer), self));
    }
  }
}

async::task<> server::end_idle_ones() {
  for (;;) {
    co_await async::sleep_for(std::min<duration>(options_.idle_limit, 1s));
    const auto oldest = async::clock::now() - options_.idle_limit;
    std::vector<async::task_group::handle> idle;
    for (const auto& visit : visits_) {
      if (visit.busy_until <= oldest)
        idle.push_back(visit.task);
    }
    for (const auto& task : idle)
      async::task_group::cancel(task);
  }
}

async::task<> server::serve(net::plain_socket peer, visit_list::iterator self) {
  const departure at_the_end{.visits = visits_, .self = self};
  const request_handler handler = [this, self,
                                   reused = false](const net::request& message) mutable {
    auto result = play(message, std::exchange(reused, true));
    const bool waits = result.delay < duration::max();
    self->busy_until = async::clock::now() + (waits ? result.delay : duration::zero());
    return result;
  };
  try {
    peer.set_option(tcp::no_delay{true});
    if (tls_) {
      net::tls_socket secured{std::move(peer), *tls_};
      co_await secured.async_handshake(boost::asio::ssl::stream_base::server, async::use_task);
      co_await serve_http(secured, handler);
    } else {
      co_await serve_http(peer, handler);
    }
  } catch (const boost::system::system_error&) {
    // The client has gone, or this connection was cancelled: either way it ends.
  }
}

reply server::play(const net::request& message, bool reused) {
  const auto now = async::clock::now();
  const auto wall = async::clock::wall_now();
  reply result;
  if (auto answer = answer_console(world_, message, {.now = now, .wall = wall}))
    result.answer = std::move(*answer);
  else
    result = world_.handle(message, now, wall, reused);
  if (options_.on_reply)
    options_.on_reply(message, result);
  return result;
}

}  // namespace canaryd::sim
