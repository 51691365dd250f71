#include "canaryd/cli/control_client.hpp"

#include "canaryd/cli/answer_parser.hpp"
#include "canaryd/cli/json_members.hpp"
#include "canaryd/cli/unix_socket.hpp"
#include "canaryd/text/json_parse.hpp"

#include <boost/url/encode.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>
#include <fmt/format.h>

namespace canaryd::cli {
namespace {

// This is enough for a list of a hundred thousand jobs.
constexpr std::size_t max_answer_bytes = 256UZ * 1024 * 1024;

result<answer_parser> converse(unix_socket& connection, std::string_view request,
                               steady_time until) {
  if (auto sent = connection.send(request, until); !sent)
    return std::unexpected{sent.error()};
  answer_parser answer;
  while (!answer.finished()) {
    const auto bytes = connection.receive(until);
    if (!bytes)
      return std::unexpected{bytes.error()};
    const auto taken = bytes->empty() ? answer.feed_end() : answer.feed(*bytes);
    if (!taken)
      return std::unexpected{taken.error()};
    if (answer.body_size() > max_answer_bytes)
      return failure(fault::malformed, "the daemon's answer is too long");
  }
  return answer;
}

}  // namespace

bool is_fine(const daemon_answer& answer) {
  return answer.status >= 200 && answer.status < 300;
}

result<daemon_answer> control_client::get(std::string_view target) const {
  return ask("GET", target, "");
}

result<daemon_answer> control_client::post(std::string_view target, std::string_view json) const {
  return ask("POST", target, json);
}

result<daemon_answer> control_client::ask(std::string_view method, std::string_view target,
                                          std::string_view body) const {
  auto connection = unix_socket::connect(path_);
  if (!connection)
    return std::unexpected{connection.error()};
  auto request = fmt::format(
      "{} {} HTTP/1.1\r\nHost: canaryd\r\nUser-Agent: canaryctl/{}\r\nAccept: application/json\r\n"
      "Connection: close\r\n",
      method, target, CANARYD_VERSION);
  if (method == "POST")
    request += fmt::format("Content-Type: application/json\r\nContent-Length: {}\r\n", body.size());
  request += "\r\n";
  request += body;
  auto answer = converse(*connection, request, std::chrono::steady_clock::now() + time_limit_);
  if (!answer)
    return std::unexpected{answer.error()};
  boost::json::error_code problem;
  auto parsed = text::parse_json(answer->take_body(), problem);
  if (problem)
    return failure(fault::malformed, fmt::format("the daemon's answer (status {}) is not JSON: {}",
                                                 answer->status(), problem.message()));
  return daemon_answer{.status = answer->status(), .body = std::move(parsed)};
}

std::string url_part(std::string_view text) {
  return boost::urls::encode(text, boost::urls::unreserved_chars);
}

std::string job_target(std::string_view job_id, std::string_view rest) {
  return fmt::format("/v1/jobs/{}{}", url_part(job_id), rest);
}

std::string complaint(const daemon_answer& answer) {
  auto text = text_of(answer.body, "detail");
  if (text.empty())
    text = text_of(answer.body, "error");
  if (text.empty())
    text = fmt::format("the daemon answered {}", answer.status);
  const auto state = text_of(answer.body, "state");
  // A refusal may name the state itself.
  return state.empty() || text.contains(state) ? text : fmt::format("{} (state {})", text, state);
}

}  // namespace canaryd::cli
