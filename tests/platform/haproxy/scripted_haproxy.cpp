#include "scripted_haproxy.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <boost/system/system_error.hpp>

#include <array>
#include <stdlib.h>
#include <utility>

namespace canaryd::platform {
namespace fs = std::filesystem;
using boost::asio::local::stream_protocol;

haproxy_fixture::haproxy_fixture() {
  auto pattern = (fs::temp_directory_path() / "canaryd-haproxy-XXXXXX").string();
  folder_ = ::mkdtemp(pattern.data());
}

haproxy_fixture::~haproxy_fixture() {
  // From outside the loop, only what waits can be cancelled.
  context.restart();
  while (context.poll() > 0) {
  }
  server_.cancel();
  context.restart();
  context.run();
  EXPECT_EQ(server_.size() + work_.size(), 0U);
  fs::remove_all(folder_);
}

void haproxy_fixture::serve(behaviour how) {
  listen_only(stream_protocol::socket::max_listen_connections);
  server_.spawn(accept_all(how));
}

void haproxy_fixture::listen_only(int backlog) {
  acceptor_.open(stream_protocol{});
  acceptor_.bind(stream_protocol::endpoint{socket_path()});
  acceptor_.listen(backlog);
}

async::task<> haproxy_fixture::accept_all(behaviour how) {
  for (;;) {
    local_socket peer{context.get_executor()};
    co_await acceptor_.async_accept(peer, async::use_task);
    server_.spawn(serve_one(std::move(peer), how));
  }
}

async::task<> haproxy_fixture::serve_one(local_socket peer, behaviour how) {
  try {
    std::string line;
    std::array<char, 4096> space{};
    while (!line.ends_with('\n')) {
      co_await peer.async_wait(local_socket::wait_read, async::use_task);
      line.append(space.data(), peer.read_some(boost::asio::buffer(space)));
    }
    line.pop_back();
    lines.push_back(line);
    co_await how(peer, next_answer(line));
  } catch (const boost::system::system_error&) {
    // The client has gone, or the test has ended.
    co_return;
  }
}

std::string haproxy_fixture::next_answer(const std::string& line) {
  auto& left = answers[line];
  if (left.empty())
    return {};
  auto answer = left.front();
  if (left.size() > 1)
    left.erase(left.begin());
  return answer;
}

async::task<> haproxy_fixture::answer_and_close(local_socket& peer, std::string answer) {
  co_await boost::asio::async_write(peer, boost::asio::buffer(answer), async::use_task);
}

async::task<> haproxy_fixture::answer_slowly(local_socket& peer, std::string answer) {
  for (const char byte : answer) {
    co_await async::sleep_for(std::chrono::milliseconds{1});
    co_await boost::asio::async_write(peer, boost::asio::buffer(&byte, 1), async::use_task);
  }
}

async::task<> haproxy_fixture::say_nothing(local_socket&, std::string) {
  co_await async::sleep_for(std::chrono::hours{1});
}

async::task<> haproxy_fixture::close_at_once(local_socket&, std::string) {
  co_return;
}

async::task<> haproxy_fixture::answer_without_end(local_socket& peer, std::string) {
  const std::string piece(65536, 'x');
  for (;;)
    co_await boost::asio::async_write(peer, boost::asio::buffer(piece), async::use_task);
}

}  // namespace canaryd::platform
