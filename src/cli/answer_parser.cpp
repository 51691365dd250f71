#include "canaryd/cli/answer_parser.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include <limits>
#include <utility>

namespace canaryd::cli {
namespace http = boost::beast::http;
using boost::beast::error_code;
using boost::beast::string_view;

struct answer_parser::parser : http::basic_parser<false> {
  std::string body;
  int code = 0;

  void on_request_impl(http::verb /*method*/, string_view /*name*/, string_view /*target*/,
                       int /*version*/, error_code& /*failure*/) override {}
  void on_response_impl(int status, string_view /*reason*/, int /*version*/,
                        error_code& /*failure*/) override {
    code = status;
  }
  void on_field_impl(http::field /*field*/, string_view /*name*/, string_view /*value*/,
                     error_code& /*failure*/) override {}
  void on_header_impl(error_code& /*failure*/) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>& /*length*/,
                         error_code& /*failure*/) override {}
  std::size_t on_body_impl(string_view bytes, error_code& /*failure*/) override {
    body.append(bytes);
    return bytes.size();
  }
  void on_chunk_header_impl(std::uint64_t /*size*/, string_view /*extensions*/,
                            error_code& /*failure*/) override {}
  std::size_t on_chunk_body_impl(std::uint64_t /*remaining*/, string_view bytes,
                                 error_code& /*failure*/) override {
    body.append(bytes);
    return bytes.size();
  }
  void on_finish_impl(error_code& /*failure*/) override {}
};

answer_parser::answer_parser() : parser_{std::make_unique<parser>()} {
  parser_->eager(true);
  parser_->header_limit(16 * 1024);
  // A stream of events has no end, so the caller bounds what it keeps.
  parser_->body_limit(std::numeric_limits<std::uint64_t>::max());
}

answer_parser::~answer_parser() = default;
answer_parser::answer_parser(answer_parser&&) noexcept = default;
answer_parser& answer_parser::operator=(answer_parser&&) noexcept = default;

result<void> answer_parser::feed(std::string_view bytes) {
  unparsed_.append(bytes);
  std::size_t used = 0;
  while (used < unparsed_.size() && !parser_->is_done()) {
    error_code problem;
    const auto taken = parser_->put(
        boost::asio::buffer(unparsed_.data() + used, unparsed_.size() - used), problem);
    used += taken;
    if (problem == http::error::need_more)
      break;
    if (problem)
      return failure(fault::malformed, "this is not an answer of canaryd: " + problem.message());
  }
  unparsed_.erase(0, used);
  return {};
}

result<void> answer_parser::feed_end() {
  error_code problem;
  if (!parser_->is_done())
    parser_->put_eof(problem);
  if (problem || !parser_->is_done())
    return failure(fault::lost, "the daemon hung up before it had answered");
  return {};
}

bool answer_parser::has_header() const {
  return parser_->is_header_done();
}

int answer_parser::status() const {
  return parser_->code;
}

bool answer_parser::finished() const {
  return parser_->is_done();
}

std::string answer_parser::take_body() {
  return std::exchange(parser_->body, {});
}

std::size_t answer_parser::body_size() const {
  return parser_->body.size();
}

}  // namespace canaryd::cli
