// HTTP/1.1 over one stream: requests and their answers, one pair after the other.
#pragma once

#include "canaryd/async/task.hpp"
#include "canaryd/base/error.hpp"
#include "canaryd/net/message.hpp"
#include "canaryd/net/response_reader.hpp"
#include "canaryd/net/stream.hpp"

#include <cstdint>
#include <expected>
#include <memory>
#include <string_view>
#include <vector>

namespace canaryd::net {

// How far an exchange had come when it failed. It decides whether a repetition is safe.
enum class reach : std::uint8_t {
  nothing_sent,  // no byte was sent
  no_answer,     // something was sent, and the peer closed before its answer began
  beyond,        // part of an answer arrived, or the time ran out
};

struct exchange_error {
  error cause;
  reach came_to = reach::beyond;
};

class connection {
 public:
  connection(std::unique_ptr<stream> bytes, std::size_t body_limit_bytes);
  ~connection();
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  // Sends a request and reads its whole answer, until `until`. Fails with fault::lost or
  // fault::malformed. After a failed or cancelled exchange the connection can only be destroyed.
  async::task<std::expected<response, exchange_error>> exchange(std::string_view request_text,
                                                                answer_shape shape, instant until);

  // After an exchange: true if both sides keep the connection open for another one.
  bool is_reusable() const;
  // True if the connection seems to be still open. Check it just before using an idle connection.
  bool is_quiet() { return stream_->is_quiet(); }

 private:
  async::task<std::expected<void, exchange_error>> read_answer();
  result<void> parse_buffer();
  std::span<char> room();
  void grow();
  exchange_error failure(const stream_error& problem) const;

  std::unique_ptr<stream> stream_;
  response_reader reader_;
  // [begin_, end_) holds the received bytes that are not yet parsed. Bytes that are moved or freed
  // are wiped, because an answer may hold a token.
  std::vector<char> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::uint64_t sent_before_ = 0;
  bool answer_began_ = false;
};

}  // namespace canaryd::net
