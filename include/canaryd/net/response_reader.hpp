// Turns the bytes of a connection into HTTP answers (RFC 9112), within limits. No I/O.
#pragma once

#include "canaryd/base/error.hpp"
#include "canaryd/net/message.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace canaryd::net {

// Status line and all headers of one answer.
inline constexpr std::size_t header_limit_bytes = 64UL * 1024;

// Answers to HEAD and to CONNECT end with their header, whatever it says of a body.
enum class answer_shape : std::uint8_t { with_body, header_only };

class response_reader {
 public:
  explicit response_reader(std::size_t body_limit_bytes);
  ~response_reader();
  response_reader(response_reader&&) noexcept;
  response_reader& operator=(response_reader&&) noexcept;

  // Makes ready for the next answer. Called before the first feed() and between answers.
  void begin(answer_shape shape);

  // Takes what it can from the front of `bytes` and returns how much that was; the rest is shown
  // again, with what comes after it. Interim (1xx) answers are skipped, at most 8 of them.
  // fault::malformed: not HTTP/1, or over a limit.
  result<std::size_t> feed(std::string_view bytes);

  // Says that nothing more will come. fault::lost where that cuts the answer short.
  result<void> feed_end();

  // The answer is whole.
  bool finished() const;
  // After finished(): another request may be sent on the same connection.
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
