#include "canaryd/net/connection.hpp"

#include "canaryd/net/deadline.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace canaryd::net {
namespace {

// The buffer must hold a whole header; a body is taken out as it arrives.
constexpr std::size_t first_buffer_bytes = 16UL * 1024;
constexpr std::size_t max_buffer_bytes = 2 * header_limit_bytes;

}  // namespace

connection::connection(std::unique_ptr<stream> bytes, std::size_t body_limit_bytes)
    : stream_{std::move(bytes)}, reader_{body_limit_bytes}, buffer_(first_buffer_bytes) {}

connection::~connection() {
  OPENSSL_cleanse(buffer_.data(), buffer_.size());
}

async::task<std::expected<response, exchange_error>> connection::exchange(
    std::string_view request_text, answer_shape shape, instant until) {
  const deadline limit{co_await boost::asio::this_coro::executor, until,
                       [this] { stream_->expire(); }};
  sent_before_ = stream_->bytes_sent();
  answer_began_ = false;
  reader_.begin(shape);
  if (const auto sent = co_await stream_->write(request_text); !sent)
    co_return std::unexpected{failure(sent.error())};
  if (auto answered = co_await read_answer(); !answered)
    co_return std::unexpected{std::move(answered.error())};
  co_return reader_.take();
}

bool connection::is_reusable() const {
  return reader_.keep_alive() && begin_ == end_;
}

async::task<std::expected<void, exchange_error>> connection::read_answer() {
  while (!reader_.finished()) {
    const auto space = room();
    if (space.empty())
      co_return std::unexpected{exchange_error{
          .cause = {.kind = fault::malformed, .text = "a line of the answer is too long"}}};
    const auto count = co_await stream_->read_some(space);
    if (!count)
      co_return std::unexpected{failure(count.error())};
    if (*count == 0 && !answer_began_)
      co_return std::unexpected{failure(
          {.kind = stream_fault::closed, .text = "the connection was closed without an answer"})};
    answer_began_ = true;
    end_ += *count;
    const auto parsed = *count == 0 ? reader_.feed_end() : parse_buffer();
    if (!parsed)
      co_return std::unexpected{exchange_error{.cause = parsed.error()}};
  }
  co_return std::expected<void, exchange_error>{};
}

result<void> connection::parse_buffer() {
  const auto taken = reader_.feed({buffer_.data() + begin_, end_ - begin_});
  if (!taken)
    return std::unexpected{taken.error()};
  // An answer may hold a token, so its bytes are wiped.
  OPENSSL_cleanse(buffer_.data() + begin_, *taken);
  begin_ += *taken;
  if (begin_ == end_)
    begin_ = end_ = 0;
  return {};
}

std::span<char> connection::room() {
  if (end_ == buffer_.size() && begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
    OPENSSL_cleanse(buffer_.data() + end_, buffer_.size() - end_);
  }
  if (end_ == buffer_.size())
    grow();
  return std::span{buffer_}.subspan(end_);
}

void connection::grow() {
  std::vector<char> larger(std::min(2 * buffer_.size(), max_buffer_bytes));
  if (larger.size() == buffer_.size())
    return;
  std::ranges::copy(buffer_, larger.begin());
  OPENSSL_cleanse(buffer_.data(), buffer_.size());
  buffer_.swap(larger);
}

exchange_error connection::failure(const stream_error& problem) const {
  auto came_to = reach::beyond;
  if (problem.kind == stream_fault::closed && !answer_began_)
    came_to = stream_->bytes_sent() == sent_before_ ? reach::nothing_sent : reach::no_answer;
  return {.cause = {.kind = fault::lost, .text = problem.text}, .came_to = came_to};
}

}  // namespace canaryd::net
