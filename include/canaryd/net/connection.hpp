// HTTP/1.1 over one stream: one request and its answer after the other.
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

// How far an exchange had come when it failed; what a repetition would risk.
enum class reach : std::uint8_t {
  nothing_sent,  // not one byte went out
  no_answer,     // something went out, and the peer closed before it answered anything
  beyond,        // part of an answer, or time ran out
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

  // Sends a request and reads its whole answer, until `until`. fault::lost, fault::malformed. A
  // cancelled or failed exchange leaves a connection that can only be destroyed.
  async::task<std::expected<response, exchange_error>> exchange(std::string_view request_text,
                                                                answer_shape shape, instant until);

  // After an exchange: both sides are willing to go on.
  bool is_reusable() const;
  // Still open, as far as can be seen from here. Asked just before an idle connection is used.
  bool is_quiet() { return stream_->is_quiet(); }

 private:
  async::task<std::expected<void, exchange_error>> read_answer();
  result<void> parse_buffer();
  std::span<char> room();
  void grow();
  exchange_error failure(const stream_error& problem) const;

  std::unique_ptr<stream> stream_;
  response_reader reader_;
  // What was received and is not yet parsed is [begin_, end_) of it. An answer may hold a token, so
  // that nothing of it is left behind where it is moved or given back.
  std::vector<char> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::uint64_t sent_before_ = 0;
  bool answer_began_ = false;
};

}  // namespace canaryd::net
