#include "canaryd/platform/haproxy/runtime_socket.hpp"

#include "canaryd/net/deadline.hpp"

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>
#include <boost/system/system_error.hpp>

#include <array>
#include <cerrno>
#include <span>
#include <sys/socket.h>
#include <sys/un.h>
#include <system_error>
#include <utility>

namespace canaryd::platform {
namespace {

using local = boost::asio::local::stream_protocol;
using boost::system::error_code;

constexpr auto pause_before_next_try = std::chrono::milliseconds{10};

// One connection, for one line. A cancelled task throws operation_aborted out of any of its calls.
class conversation {
 public:
  conversation(const async::executor& ex, instant until)
      : socket_{ex}, limit_{ex, until, [this] { expire(); }} {}

  async::task<result<void>> connect(std::string path);
  async::task<result<void>> send(std::string line);
  // Reads until the other side closes.
  async::task<result<std::string>> receive();

 private:
  void expire() {
    expired_ = true;
    error_code ignored;
    socket_.cancel(ignored);
  }
  // Returns 0 when the other side has closed.
  async::task<result<std::size_t>> read_some(std::span<char> space);
  // Nothing, or the reason for which the operation that ended with `ec` has failed.
  std::string problem_after(const error_code& ec) const;

  boost::asio::basic_stream_socket<local, async::executor> socket_;
  bool expired_ = false;
  net::deadline limit_;
};

std::string conversation::problem_after(const error_code& ec) const {
  if (expired_)
    return "no whole answer in time";
  if (ec == boost::asio::error::operation_aborted)
    throw boost::system::system_error{ec};
  return ec ? ec.message() : std::string{};
}

// Connects by hand: Asio takes "the queue is full, try later" for a connection in progress, and
// then for a made one.
async::task<result<void>> conversation::connect(std::string path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof(address.sun_path) || path.contains('\0'))
    co_return failure(fault::unreachable, "this is no path of a socket");
  path.copy(static_cast<char*>(address.sun_path), path.size());
  error_code ec;
  socket_.open(local{}, ec);
  if (!ec)
    socket_.non_blocking(true, ec);
  if (ec)
    co_return failure(fault::system, ec.message());
  while (!expired_) {
    if (::connect(socket_.native_handle(), reinterpret_cast<const sockaddr*>(&address),
                  sizeof(address)) == 0)
      co_return result<void>{};
    if (errno != EAGAIN && errno != EINTR)
      co_return failure(fault::unreachable, std::generic_category().message(errno));
    co_await async::sleep_for(pause_before_next_try);
  }
  co_return failure(fault::unreachable, "too many others are waiting there");
}

async::task<result<void>> conversation::send(std::string line) {
  error_code ec;
  co_await boost::asio::async_write(socket_, boost::asio::buffer(line),
                                    boost::asio::redirect_error(async::use_task, ec));
  if (auto problem = problem_after(ec); !problem.empty())
    co_return failure(fault::lost, std::move(problem));
  co_return result<void>{};
}

async::task<result<std::size_t>> conversation::read_some(std::span<char> space) {
  error_code ec = boost::asio::error::would_block;
  std::size_t count = 0;
  // A wait can end without cause.
  while (ec == boost::asio::error::would_block) {
    co_await socket_.async_wait(decltype(socket_)::wait_read,
                                boost::asio::redirect_error(async::use_task, ec));
    if (!ec && !expired_)
      count = socket_.read_some(boost::asio::buffer(space.data(), space.size()), ec);
  }
  if (ec == boost::asio::error::eof)
    co_return std::size_t{0};
  if (auto problem = problem_after(ec); !problem.empty())
    co_return failure(fault::lost, std::move(problem));
  co_return count;
}

async::task<result<std::string>> conversation::receive() {
  constexpr std::size_t piece_bytes = 16UZ * 1024;
  std::array<char, piece_bytes> piece{};
  std::string answer;
  for (;;) {
    const auto count = co_await read_some(piece);
    if (!count)
      co_return std::unexpected{count.error()};
    if (*count == 0)
      co_return answer;
    if (answer.size() + *count > longest_runtime_answer_bytes)
      co_return failure(fault::malformed, "the answer is longer than 1 MiB");
    answer.append(piece.data(), *count);
  }
}

}  // namespace

async::task<result<std::string>> ask_runtime(std::string path, std::string commands,
                                             instant until) {
  conversation talk{co_await boost::asio::this_coro::executor, until};
  if (const auto connected = co_await talk.connect(std::move(path)); !connected)
    co_return std::unexpected{connected.error()};
  commands += '\n';
  if (const auto sent = co_await talk.send(std::move(commands)); !sent)
    co_return std::unexpected{sent.error()};
  co_return co_await talk.receive();
}

}  // namespace canaryd::platform
