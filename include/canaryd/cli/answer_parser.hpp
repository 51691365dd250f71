// Turns the bytes of a connection into one HTTP answer (RFC 9112), whose body can be read while it
// is still coming. No I/O.
#pragma once

#include "canaryd/base/error.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace canaryd::cli {

class answer_parser {
 public:
  answer_parser();
  ~answer_parser();
  answer_parser(answer_parser&&) noexcept;
  answer_parser& operator=(answer_parser&&) noexcept;

  // fault::malformed: not HTTP/1, a header over 16 KiB.
  result<void> feed(std::string_view bytes);
  // Nothing more will come. fault::lost where that cuts the answer short.
  result<void> feed_end();

  // The header is whole: status() is known.
  bool has_header() const;
  int status() const;
  bool finished() const;
  // What came of the body since it was last taken, without its chunks' framing.
  std::string take_body();
  // How much of the body has not been taken.
  std::size_t body_size() const;

 private:
  struct parser;
  std::unique_ptr<parser> parser_;
  std::string unparsed_;
};

}  // namespace canaryd::cli
