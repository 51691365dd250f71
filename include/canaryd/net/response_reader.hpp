// Turns the bytes of a connection into HTTP answers (RFC 9112), within limits. Does no I/O.
#pragma once

#include "canaryd/base/error.hpp"
#include "canaryd/net/message.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace canaryd::net {

// The limit for the status line and all headers of one answer.
inline constexpr std::size_t header_limit_bytes = 64UL * 1024;

// Answers to HEAD and to CONNECT end with their header, even if it announces a body.
enum class answer_shape : std::uint8_t { with_body, header_only };

class response_reader {
 public:
  explicit response_reader(std::size_t body_limit_bytes);
  ~response_reader();
  response_reader(response_reader&&) noexcept;
  response_reader& operator=(response_reader&&) noexcept;

  // Prepares for the next answer. Call it before the first feed() and between answers.
  void begin(answer_shape shape);

  // Takes what it can from the front of `bytes` and returns how much it took. Pass the rest again,
  // followed by what arrives next. Skips at most 8 interim (1xx) answers. Fails with
  // fault::malformed if the bytes are not HTTP/1 or exceed a limit.
  result<std::size_t> feed(std::string_view bytes);

  // Says that nothing more will come. Fails with fault::lost if the answer is incomplete.
  result<void> feed_end();

  // True if the answer is complete.
  bool finished() const;
  // After finished(): true if another request may be sent on the same connection.
  bool keep_alive() const;
  // After finished(): moves the answer out.
  response take();

 private:
  struct parser;
  std::size_t body_limit_bytes_;
  answer_shape shape_ = answer_shape::with_body;
  int interim_answers_ = 0;
  std::unique_ptr<parser> parser_;

  void restart();
  result<void> skip_interim_answer();
};

}  // namespace canaryd::net
