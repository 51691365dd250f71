#include "canaryd/net/connector.hpp"

#include "canaryd/net/deadline.hpp"
#include "canaryd/net/response_reader.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace canaryd::net {
namespace {

using opened = result<std::unique_ptr<stream>>;

std::string with_port(const url& address) {
  return address.host.contains(':') ? fmt::format("[{}]:{}", address.host, address.port)
                                    : fmt::format("{}:{}", address.host, address.port);
}

std::unexpected<error> cannot(std::string_view what, const url& address, std::string_view why) {
  return failure(fault::unreachable,
                 fmt::format("cannot {} {}: {}", what, with_port(address), why));
}

// Stops `connection` at `until`, whatever it is doing then.
deadline limit_for(const async::executor& ex, stream& connection, instant until) {
  return deadline{ex, until, [&connection] { connection.expire(); }};
}

// Tries one address after the other. One that swallows packets must not use up the others' time.
async::task<opened> connect_any(address_list addresses, const url& target, instant until) {
  const auto ex = co_await boost::asio::this_coro::executor;
  std::string problem = "no address";
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    const auto now = async::clock::now();
    const auto share = (until - now) / static_cast<duration::rep>(addresses.size() - i);
    auto connection = std::make_unique<stream>(ex);
    const auto limit = limit_for(ex, *connection, now + share);
    const auto done = co_await connection->connect({addresses[i], target.port});
    if (done)
      co_return opened{std::move(connection)};
    problem = fmt::format("{} ({})", done.error().text, addresses[i].to_string());
  }
  co_return cannot("connect to", target, problem);
}

async::task<opened> open_tcp(resolver& names, const url& target, instant until) {
  auto addresses = co_await names.resolve(target.host, until);
  if (!addresses)
    co_return std::unexpected{addresses.error()};
  auto connected = co_await connect_any(std::move(*addresses), target, until);
  if (!connected)
    names.forget(target.host);
  co_return connected;
}

// The system decides what "localhost" is, so the addresses are checked: plain text must not leave
// the machine.
async::task<opened> open_plain(resolver& names, const url& target, instant until) {
  auto addresses = co_await names.resolve(target.host, until);
  if (!addresses)
    co_return std::unexpected{addresses.error()};
  std::erase_if(*addresses, [](const auto& address) { return !address.is_loopback(); });
  co_return co_await connect_any(std::move(*addresses), target, until);
}

async::task<result<response>> ask_proxy(stream& connection, const std::string& authority) {
  const auto text = fmt::format("CONNECT {0} HTTP/1.1\r\nHost: {0}\r\n\r\n", authority);
  const auto lost = [](const std::string& why) { return failure(fault::lost, why); };
  if (const auto sent = co_await connection.write(text); !sent)
    co_return lost(sent.error().text);
  response_reader reader{0};
  reader.begin(answer_shape::header_only);
  std::string header;
  std::array<char, 4096> space{};
  while (!reader.finished()) {
    const auto count = co_await connection.read_some(space);
    if (!count)
      co_return lost(count.error().text);
    if (*count == 0)
      co_return lost("the connection was closed without an answer");
    header.append(space.data(), *count);
    const auto taken = reader.feed(header);
    if (!taken)
      co_return std::unexpected{taken.error()};
    header.erase(0, *taken);
  }
  auto answer = reader.take();
  // In TLS the client speaks first, so nothing may follow the proxy's answer yet.
  if (answer.status / 100 == 2 && !header.empty())
    co_return lost("it sent more than an answer");
  co_return answer;
}

async::task<result<void>> open_tunnel(stream& connection, const url& proxy, const url& target) {
  const auto authority = with_port(target);
  const auto answer = co_await ask_proxy(connection, authority);
  if (!answer)
    co_return cannot("use proxy", proxy, answer.error().text);
  if (answer->status / 100 != 2)
    co_return cannot("use proxy", proxy,
                     fmt::format("it answers {} to CONNECT {}", answer->status, authority));
  co_return result<void>{};
}

}  // namespace

async::task<opened> open_stream(resolver& names, const connect_target& way, duration timeout) {
  const auto until = async::clock::now() + timeout;
  if (way.target.scheme == "http")
    co_return co_await open_plain(names, way.target, until);

  const auto& first_hop = way.proxy ? *way.proxy : way.target;
  auto connected = co_await open_tcp(names, first_hop, until);
  if (!connected)
    co_return connected;
  auto& connection = **connected;
  const auto limit = limit_for(co_await boost::asio::this_coro::executor, connection, until);
  if (way.proxy) {
    const auto tunnel = co_await open_tunnel(connection, *way.proxy, way.target);
    if (!tunnel)
      co_return std::unexpected{tunnel.error()};
  }
  const auto secured = co_await connection.start_tls(*way.context, way.target.host, way.sessions);
  if (!secured) {
    names.forget(first_hop.host);
    co_return cannot("set up TLS with", way.target, secured.error().text);
  }
  co_return connected;
}

}  // namespace canaryd::net
