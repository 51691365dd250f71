#include "canaryd/cognigy/answer.hpp"

#include "canaryd/core/secret.hpp"
#include "canaryd/core/text.hpp"
#include "canaryd/net/http_date.hpp"
#include "canaryd/net/url.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

namespace canaryd::cognigy {
namespace {

constexpr std::size_t refusal_excerpt = 500;
constexpr std::size_t malformed_excerpt = 200;

core::fault fault_of(int status) {
  if (status == 401)
    return core::fault::unauthorized;
  if (status == 408 || status == 425 || status == 429 || (status >= 500 && status <= 599))
    return core::fault::try_again;
  return core::fault::refused;
}

std::string_view word_for(core::fault kind) {
  switch (kind) {
    case core::fault::unauthorized:
      return "not authorized";
    case core::fault::try_again:
      return "not now";
    default:
      return "refused";
  }
}

std::string excerpt(std::string_view text, std::size_t limit, const answer_context& context) {
  if (text.empty())
    return "no body";
  return core::printable_excerpt(redact(std::string{text}, context.secrets), limit);
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
  core::wipe(text);
  text.swap(safe);
}

core::error explain(call which, const net::response& answer, const answer_context& context) {
  const auto kind = fault_of(answer.status);
  core::error problem{
      .kind = kind,
      .text = fmt::format("{}: {} {}: {}", to_string(which), answer.status, word_for(kind),
                          excerpt(answer.body, refusal_excerpt, context)),
      .status = answer.status,
      .retry_after = {}};
  if (answer.status == 401 || answer.status == 403)
    problem.text += fmt::format(" (scopes asked for: {})", fmt::join(context.scopes, " "));
  const auto wait = net::find_header(answer.headers, "Retry-After");
  if (wait && kind == core::fault::try_again)
    problem.retry_after = net::parse_retry_after(*wait, context.now);
  return problem;
}

}  // namespace

core::result<std::string> read_answer(call which, core::result<net::response> reply,
                                      const answer_context& context) {
  if (!reply) {
    auto problem = std::move(reply).error();
    problem.text = fmt::format("{}: {}", to_string(which), problem.text);
    return std::unexpected{std::move(problem)};
  }
  if (reply->status >= 200 && reply->status <= 299)
    return std::move(reply->body);
  auto problem = explain(which, *reply, context);
  // It may echo the token.
  core::wipe(reply->body);
  return std::unexpected{std::move(problem)};
}

core::error unusable_body(call which, std::string_view what, std::string_view body,
                          const answer_context& context) {
  auto text = fmt::format("{}: malformed answer: {}", to_string(which),
                          redact(std::string{what}, context.secrets));
  if (which != call::token)
    text += fmt::format(": {}", excerpt(body, malformed_excerpt, context));
  return {.kind = core::fault::malformed, .text = std::move(text), .status = 0, .retry_after = {}};
}

core::error out_of_time(call which) {
  return {.kind = core::fault::try_again,
          .text = fmt::format("{}: its time was up before it could be sent", to_string(which)),
          .status = 0};
}

std::string redact(std::string text, std::span<const std::string_view> secrets) {
  for (const auto hidden : secrets) {
    if (hidden.empty())
      continue;
    replace_all(text, hidden);
    auto encoded = net::percent_encode(hidden);
    const core::wiped_at_end wiped{encoded};
    replace_all(text, encoded);
  }
  return text;
}

}  // namespace canaryd::cognigy
