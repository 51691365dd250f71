// Turns the bytes of a connection into one HTTP answer (RFC 9112). The body can be read while it is
// still coming. Does no I/O.
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

  // Takes the next bytes. Fails as fault::malformed if they are not HTTP/1, or if the header is
  // longer than 16 KiB.
  result<void> feed(std::string_view bytes);
  // Says that nothing more will come. Fails as fault::lost if the answer is not complete.
  result<void> feed_end();

  // True if the whole header is there, so that status() is known.
  bool has_header() const;
  int status() const;
  bool finished() const;
  // Takes what has come of the body since the last call, without the framing of chunks.
  std::string take_body();
  // How many bytes of the body have not been taken.
  std::size_t body_size() const;

 private:
  struct parser;
  std::unique_ptr<parser> parser_;
  std::string unparsed_;
};

}  // namespace canaryd::cli
