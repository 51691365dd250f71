#include "canaryd/net/response_reader.hpp"

#include "canaryd/text/secret.hpp"

#include <boost/beast/http/basic_parser.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace canaryd::net {

namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;

namespace {

constexpr int max_interim_answers = 8;
constexpr std::string_view protocol = "HTTP/1.";

// Lets Beast append straight to the answer, which saves a copy from Beast's own message type.
class collector final : public http::basic_parser<false> {
 public:
  explicit collector(std::uint64_t body_limit_bytes, answer_shape shape)
      : body_limit_bytes_{body_limit_bytes} {
    eager(true);
    header_limit(header_limit_bytes);
    body_limit(body_limit_bytes);
    skip(shape == answer_shape::header_only);
  }

  ~collector() override { text::wipe(answer.body); }
  collector(const collector&) = delete;
  collector& operator=(const collector&) = delete;

  response answer;

 private:
  // A body may hold a token, so growing must leave no copy behind.
  void append(std::string_view more) {
    auto& body = answer.body;
    if (body.capacity() - body.size() < more.size()) {
      std::string larger;
      larger.reserve(std::max(2 * body.capacity(), body.size() + more.size()));
      larger += body;
      text::wipe(body);
      body.swap(larger);
    }
    body += more;
  }

  void on_request_impl(http::verb /*method*/, beast::string_view /*text*/,
                       beast::string_view /*target*/, int /*version*/,
                       error_code& /*ec*/) override {}

  void on_response_impl(int code, beast::string_view /*reason*/, int /*version*/,
                        error_code& /*ec*/) override {
    answer.status = code;
  }

  void on_field_impl(http::field /*known*/, beast::string_view name, beast::string_view value,
                     error_code& ec) override {
    // Beast applies its own limit only to each piece of a header that arrives in pieces.
    header_bytes_ += name.size() + value.size() + line_bytes;
    if (header_bytes_ > header_limit_bytes)
      ec = http::error::header_limit;
    // Trailers arrive here too; they are ignored.
    else if (!header_done_)
      answer.headers.emplace_back(std::string{name}, std::string{value});
  }

  void on_header_impl(error_code& /*ec*/) override { header_done_ = true; }

  void on_body_init_impl(const boost::optional<std::uint64_t>& length,
                         error_code& /*ec*/) override {
    if (length)
      answer.body.reserve(std::min(*length, body_limit_bytes_));
  }

  std::size_t on_body_impl(beast::string_view body, error_code& /*ec*/) override {
    append(body);
    return body.size();
  }

  void on_chunk_header_impl(std::uint64_t /*size*/, beast::string_view /*extensions*/,
                            error_code& /*ec*/) override {}

  std::size_t on_chunk_body_impl(std::uint64_t /*remain*/, beast::string_view body,
                                 error_code& /*ec*/) override {
    append(body);
    return body.size();
  }

  void on_finish_impl(error_code& /*ec*/) override {}

  // What a field takes besides its name and value.
  static constexpr std::size_t line_bytes = std::string_view{": \r\n"}.size();
  std::uint64_t body_limit_bytes_;
  std::size_t header_bytes_ = 0;
  bool header_done_ = false;
};

// In debug builds Beast asserts that the bytes it is shown a second time are at least as long as
// the shortest end of a chunked body. An incomplete answer has at least that much left.
bool is_too_short(const collector& current, std::string_view rest) {
  constexpr std::string_view shortest_end = "0\r\n\r\n";
  return current.is_header_done() && current.chunked() && rest.size() < shortest_end.size();
}

}  // namespace

struct response_reader::parser {
  std::optional<collector> current;
};

response_reader::response_reader(std::size_t body_limit_bytes)
    : body_limit_bytes_{body_limit_bytes}, parser_{std::make_unique<parser>()} {}

response_reader::~response_reader() = default;
response_reader::response_reader(response_reader&&) noexcept = default;
response_reader& response_reader::operator=(response_reader&&) noexcept = default;

void response_reader::begin(answer_shape shape) {
  shape_ = shape;
  interim_answers_ = 0;
  restart();
}

void response_reader::restart() {
  parser_->current.emplace(body_limit_bytes_, shape_);
}

result<std::size_t> response_reader::feed(std::string_view bytes) {
  std::size_t taken = 0;
  while (!finished() && taken < bytes.size()) {
    const auto rest = bytes.substr(taken);
    // Beast looks at a header only once it is complete, and would wait for more after garbage.
    if (!parser_->current->got_some() &&
        !rest.starts_with(protocol.substr(0, std::min(rest.size(), protocol.size()))))
      return failure(fault::malformed, "the answer is not HTTP/1");
    if (is_too_short(*parser_->current, rest))
      break;
    error_code ec;
    taken += parser_->current->put(boost::asio::buffer(rest), ec);
    if (ec == http::error::need_more)
      break;
    if (ec == http::error::header_limit)
      return failure(fault::malformed,
                     fmt::format("the answer's header is over {} bytes", header_limit_bytes));
    if (ec == http::error::body_limit)
      return failure(fault::malformed,
                     fmt::format("the answer's body is over {} bytes", body_limit_bytes_));
    if (ec)
      return failure(fault::malformed, fmt::format("the answer is not HTTP/1: {}", ec.message()));
    if (const auto skipped = skip_interim_answer(); !skipped)
      return std::unexpected{skipped.error()};
  }
  return taken;
}

result<void> response_reader::skip_interim_answer() {
  constexpr int switching_protocols = 101;
  const auto& current = *parser_->current;
  if (!current.is_header_done() || current.answer.status / 100 != 1)
    return {};
  if (current.answer.status == switching_protocols)
    return failure(fault::malformed, "the answer switches protocols unasked");
  if (++interim_answers_ > max_interim_answers)
    return failure(fault::malformed, fmt::format("over {} interim answers", max_interim_answers));
  restart();
  return {};
}

result<void> response_reader::feed_end() {
  if (finished())
    return {};
  // Beast must not be told of the end before it has seen any byte.
  if (!parser_->current->got_some())
    return failure(fault::lost, "the connection was closed without an answer");
  error_code ec;
  parser_->current->put_eof(ec);
  if (ec)
    return failure(fault::lost, "the connection was closed within the answer");
  return {};
}

bool response_reader::finished() const {
  return parser_->current && parser_->current->is_done();
}

bool response_reader::keep_alive() const {
  return parser_->current->keep_alive();
}

response response_reader::take() {
  return std::move(parser_->current->answer);
}

}  // namespace canaryd::net
