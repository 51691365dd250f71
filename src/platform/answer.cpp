#include "canaryd/platform/answer.hpp"

#include "canaryd/net/http_date.hpp"
#include "canaryd/net/url.hpp"
#include "canaryd/text/secret.hpp"
#include "canaryd/text/text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

namespace canaryd::platform {
namespace {

constexpr std::size_t refusal_excerpt = 500;
constexpr std::size_t malformed_excerpt = 200;
constexpr std::size_t longest_word = 60;

fault fault_of(int status) {
  if (status == 401)
    return fault::unauthorized;
  if (status == 408 || status == 425 || status == 429 || (status >= 500 && status <= 599))
    return fault::try_again;
  // A redirection comes from something in front of the API, and says nothing of what was asked.
  return status >= 400 && status <= 499 ? fault::refused : fault::malformed;
}

std::string_view word_for(fault kind) {
  switch (kind) {
    case fault::unauthorized:
      return "not authorized";
    case fault::try_again:
      return "not now";
    case fault::malformed:
      return "not an answer of this API";
    default:
      return "refused";
  }
}

std::string excerpt(std::string_view text, std::size_t limit, const answer_context& context) {
  if (text.empty())
    return "no body";
  return text::printable_excerpt(redact(std::string{text}, context.secrets), limit);
}

// The coding of the body, where it is another than identity, which was asked for; else empty.
std::string_view coding_of(const net::response& answer) {
  for (const auto* name : {"Content-Encoding", "Transfer-Encoding"}) {
    const auto coding = net::find_header(answer.headers, name);
    const auto is_plain = [&coding](std::string_view word) {
      return net::is_same_word(*coding, word);
    };
    if (coding && !coding->empty() && !is_plain("identity") && !is_plain("chunked"))
      return *coding;
  }
  return {};
}

// A 2xx to the others is all that their answer says.
bool needs_body(call which) {
  switch (which) {
    case call::change_traffic:
    case call::rollback:
    case call::promote:
    case call::register_webhook:
    case call::audit:
      return false;
    default:
      return true;
  }
}

// What was done is seen again in the deployment's status.
bool is_verified(call which) {
  return which == call::rollback || which == call::promote;
}

// Whatever stands in front of the API answers with pages, also with a status of 200.
bool is_page(std::string_view body) {
  const auto first = body.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && body[first] == '<';
}

// What is replaced is wiped.
void replace_all(std::string& text, std::string_view what) {
  if (!text.contains(what))
    return;
  std::string safe;
  std::string_view rest = text;
  for (auto at = rest.find(what); at != std::string_view::npos; at = rest.find(what)) {
    safe += rest.substr(0, at);
    safe += "[redacted]";
    rest.remove_prefix(at + what.size());
  }
  safe += rest;
  text::wipe(text);
  text.swap(safe);
}

// Redirections are not followed: a token goes to the configured host alone.
std::string redirection(const net::response& answer) {
  const auto location = net::find_header(answer.headers, "Location");
  const auto target = location ? net::parse_url(*location) : std::unexpected{error{}};
  return target ? fmt::format(" (redirected to {})", net::loggable(*target)) : std::string{};
}

error explain(call which, const net::response& answer, const answer_context& context) {
  const auto kind = fault_of(answer.status);
  const auto coding = coding_of(answer);
  const auto shown =
      coding.empty() || answer.body.empty()
          ? excerpt(answer.body, refusal_excerpt, context)
          : fmt::format("a body in the coding {}", text::printable_excerpt(coding, longest_word));
  error problem{
      .kind = kind,
      .text = fmt::format("{}: {} {}: {}", to_string(which), answer.status, word_for(kind), shown),
      .status = answer.status,
      .retry_after = {}};
  if (answer.status / 100 == 3)
    problem.text += redirection(answer);
  if ((answer.status == 401 || answer.status == 403) && !context.scopes.empty())
    problem.text += fmt::format(" (scopes asked for: {})", fmt::join(context.scopes, " "));
  const auto wait = net::find_header(answer.headers, "Retry-After");
  if (wait && kind == fault::try_again)
    problem.retry_after = net::parse_retry_after(*wait, context.now);
  return problem;
}

}  // namespace

result<std::string> read_answer(call which, result<net::response> reply,
                                const answer_context& context) {
  if (!reply) {
    auto problem = std::move(reply).error();
    problem.text = fmt::format("{}: {}", to_string(which), problem.text);
    return std::unexpected{std::move(problem)};
  }
  if (reply->status < 200 || reply->status > 299) {
    auto problem = explain(which, *reply, context);
    // It may echo the token.
    text::wipe(reply->body);
    return std::unexpected{std::move(problem)};
  }
  const auto coding = coding_of(*reply);
  if (needs_body(which) && !coding.empty() && !reply->body.empty())
    return std::unexpected{
        unusable_body(which,
                      fmt::format("it is in the coding {}, and identity was asked for",
                                  text::printable_excerpt(coding, longest_word)),
                      "", context)};
  if (!needs_body(which) && !is_verified(which) && is_page(reply->body))
    return std::unexpected{
        unusable_body(which, "it is a page, and not of this API", reply->body, context)};
  return std::move(reply->body);
}

error unusable_body(call which, std::string_view what, std::string_view body,
                    const answer_context& context) {
  auto text = fmt::format("{}: malformed answer: {}", to_string(which),
                          redact(std::string{what}, context.secrets));
  if (which != call::token && !body.empty())
    text += fmt::format(": {}", excerpt(body, malformed_excerpt, context));
  return {.kind = fault::malformed, .text = std::move(text), .status = 0, .retry_after = {}};
}

error out_of_time(call which) {
  return {.kind = fault::try_again,
          .text = fmt::format("{}: its time was up before it could be sent", to_string(which)),
          .status = 0};
}

std::string redact(std::string text, std::span<const std::string_view> secrets) {
  for (const auto hidden : secrets) {
    if (hidden.empty())
      continue;
    replace_all(text, hidden);
    auto encoded = net::percent_encode(hidden);
    const text::wiped_at_end wiped{encoded};
    replace_all(text, encoded);
  }
  return text;
}

}  // namespace canaryd::platform
