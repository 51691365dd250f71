#include "http_stub.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>

#include <random>
#include <utility>

namespace canaryd::platform {
namespace {

using boost::asio::ip::tcp;

// "localhost" may mean either loopback address, so the stub listens at both, if there are both.
void open_at(auto& acceptor, std::uint16_t port) {
  boost::system::error_code no_v6;
  acceptor.open(tcp::v6(), no_v6);
  if (!no_v6)
    acceptor.set_option(boost::asio::ip::v6_only{false});
  else
    acceptor.open(tcp::v4());
  acceptor.set_option(tcp::acceptor::reuse_address{true});
  acceptor.bind({no_v6 ? tcp::v4() : tcp::v6(), port});
  acceptor.listen();
}

}  // namespace

http_stub::http_stub(sim::request_handler answer, const sim::certificates* identity,
                     std::uint16_t port)
    : answer_{std::move(answer)} {
  if (identity != nullptr) {
    auto& tls = tls_.emplace(boost::asio::ssl::context::tls_server);
    tls.use_certificate_chain(boost::asio::buffer(identity->cert_pem));
    tls.use_private_key(boost::asio::buffer(identity->key_pem), boost::asio::ssl::context::pem);
  }
  open_at(acceptor_, port);
  port_ = acceptor_.local_endpoint().port();
  tasks_.spawn(accept_all());
  thread_ = std::thread{[this] { context_.run(); }};
}

// NOLINTNEXTLINE(bugprone-exception-escape)
http_stub::~http_stub() {
  boost::asio::post(context_, [this] { tasks_.cancel(); });
  thread_.join();
}

async::task<> http_stub::accept_all() {
  for (;;) {
    auto peer = co_await acceptor_.async_accept(async::use_task);
    tasks_.spawn(serve(std::move(peer)));
  }
}

async::task<> http_stub::serve(net::plain_socket peer) {
  try {
    peer.set_option(tcp::no_delay{true});
    if (tls_) {
      net::tls_socket secured{std::move(peer), *tls_};
      co_await secured.async_handshake(boost::asio::ssl::stream_base::server, async::use_task);
      co_await sim::serve_http(secured, answer_);
    } else {
      co_await sim::serve_http(peer, answer_);
    }
  } catch (const boost::system::system_error&) {
    // The client has gone, or the stub ends.
    co_return;
  }
}

std::uint16_t free_port() {
  static std::mt19937 random{std::random_device{}()};
  std::uniform_int_distribution<unsigned> below_the_systems_own{15'000, 32'000};
  boost::asio::io_context context;
  for (;;) {
    const auto port = static_cast<std::uint16_t>(below_the_systems_own(random));
    boost::asio::ip::tcp::acceptor probe{context};
    boost::system::error_code ec;
    probe.open(tcp::v4());
    probe.bind({tcp::v4(), port}, ec);
    if (!ec)
      return port;
  }
}

}  // namespace canaryd::platform
