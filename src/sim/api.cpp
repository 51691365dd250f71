#include "canaryd/sim/api.hpp"

#include "canaryd/sim/deploy_request.hpp"
#include "canaryd/sim/metrics_answer.hpp"
#include "canaryd/sim/reply.hpp"
#include "canaryd/text/wall_text.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <ranges>
#include <utility>

namespace canaryd::sim {
namespace {

constexpr std::string_view known_scopes[] = {"bot:deploy", "metrics:read", "webhook:manage",
                                             "audit:write"};

// How many of a bot's newest deployments one answer lists.
constexpr std::size_t most_listed = 1000;

std::string_view needed_scope(call what) {
  switch (what) {
    case call::metrics:
      return "metrics:read";
    case call::list_webhooks:
    case call::register_webhook:
      return "webhook:manage";
    case call::audit:
      return "audit:write";
    default:
      return "bot:deploy";
  }
}

std::vector<std::string> split_words(std::string_view text) {
  std::vector<std::string> words;
  for (const auto word : text | std::views::split(' ')) {
    if (!word.empty())
      words.emplace_back(word.begin(), word.end());
  }
  return words;
}

std::string_view reason_of(token_verdict verdict) {
  switch (verdict) {
    case token_verdict::expired:
      return "the token has expired";
    case token_verdict::revoked:
      return "the token was revoked";
    default:
      return "a bearer token of this API is needed";
  }
}

bool is_number(std::string_view id) {
  return id.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

api::api(api_options options, instant start)
    : options_{std::move(options)},
      tokens_{options_.traffic.seed, options_.token_bytes},
      deployments_{options_.traffic, start} {}

net::response api::answer(const asked_call& asked) {
  switch (asked.where.what) {
    case call::unknown:
      return error_answer(404, "not_found", "there is no such call");
    case call::token:
      return issue_token(asked);
    case call::fallback_metrics:
      return metrics(asked);
    default:
      break;
  }
  if (auto refusal = refuse_token(asked))
    return std::move(*refusal);
  return is_write(asked.where.what) ? answer_write(asked) : answer_authorized(asked);
}

net::response api::answer_authorized(const asked_call& asked) {
  switch (asked.where.what) {
    case call::metrics:
      return metrics(asked);
    case call::list_webhooks:
      return list_webhooks(asked);
    case call::versions:
      return list_versions(asked);
    case call::find_deployments:
      return find_deployments(asked);
    default:
      break;
  }
  const auto* found = deployments_.find(asked.where.deployment_id);
  if (found == nullptr)
    return error_answer(404, "not_found", "there is no such deployment");
  return json_answer(200, deployment_json(*found));
}

net::response api::issue_token(const asked_call& asked) {
  const std::string_view form = asked.message.body;
  if (form_value(form, "grant_type") != "client_credentials")
    return error_answer(400, "unsupported_grant_type", "grant_type has to be client_credentials");
  if (form_value(form, "client_id") != options_.client_id ||
      form_value(form, "client_secret") != options_.client_secret)
    return error_answer(401, "invalid_client", "unknown client_id or wrong client_secret");
  auto scopes = split_words(form_value(form, "scope").value_or(""));
  for (const auto& scope : scopes) {
    if (std::ranges::find(known_scopes, scope) == std::end(known_scopes))
      return error_answer(400, "invalid_scope", "unknown scope " + scope);
  }
  const auto& token = tokens_.issue(std::move(scopes), asked.when.now + options_.token_lifetime);
  std::string expiry;
  if (options_.announce_expiry) {
    expiry = fmt::format(R"("expires_in":{},)",
                         std::chrono::floor<std::chrono::seconds>(options_.token_lifetime).count());
  }
  return json_answer(200,
                     fmt::format(R"({{"access_token":"{}",{}"token_type":"Bearer","scope":"{}"}})",
                                 token.text, expiry, fmt::join(token.scopes, " ")));
}

std::optional<net::response> api::refuse_token(const asked_call& asked) {
  constexpr std::string_view scheme = "Bearer ";
  const auto header = net::find_header(asked.message.headers, "Authorization").value_or("");
  auto* token = header.starts_with(scheme) ? tokens_.find(header.substr(scheme.size())) : nullptr;
  const auto verdict = token_book::judge(token, asked.when.now);
  if (verdict != token_verdict::valid) {
    // If a fault changes the answer, the client cannot know that the token is refused.
    if (token != nullptr && asked.striking.empty()) {
      token->refused_since = std::min(token->refused_since, asked.when.now);
      if (asked.when.now - token->refused_since > options_.stale_token_grace) {
        events_.note_violation(
            violation_kind::stale_token,
            fmt::format("{} with a token long refused", to_string(asked.where.what)), asked.when);
      }
    }
    return error_answer(401, "invalid_token", reason_of(verdict));
  }
  const auto scope = needed_scope(asked.where.what);
  if (options_.check_scopes && std::ranges::find(token->scopes, scope) == token->scopes.end())
    return error_answer(403, "insufficient_scope", fmt::format("the scope {} is needed", scope));
  return std::nullopt;
}

net::response api::metrics(const asked_call& asked) {
  const auto query = asked.where.query;
  const auto window = parse_window(form_value(query, "window").value_or(""));
  const auto type = form_value(query, "metricType").value_or("");
  if (!is_identifier(asked.bot_id))
    return error_answer(400, "bad_request", "botId is needed");
  if (!window)
    return error_answer(400, "bad_request", "window has to be like 15m, at most 24h");
  if (type != "canary" && type != "stable")
    return error_answer(400, "bad_request", "metricType has to be canary or stable");
  deployment_book::metrics_question question{
      .bot_id = std::string{asked.bot_id},
      .environment_id = form_value(query, "environmentId").value_or(""),
      .arm = type == "canary" ? traffic_arm::canary : traffic_arm::stable,
      .window = *window,
      .delay = options_.metrics_delay};
  for (const auto* fault : asked.striking) {
    if (fault->kind == fault_kind::late_metrics)
      question.delay += fault->delay.value_or(std::chrono::minutes{1});
  }
  const auto totals = deployments_.conversations(question, asked.when.now);
  return json_answer(200, metrics_body(totals, asked.striking, options_.long_numbers));
}

net::response api::list_webhooks(const asked_call& asked) const {
  std::vector<std::string> items;
  for (const auto& hook : webhooks_) {
    boost::json::array events(hook.events.begin(), hook.events.end());
    items.push_back(boost::json::serialize(boost::json::object{{"name", hook.name},
                                                               {"url", hook.url},
                                                               {"events", std::move(events)},
                                                               {"active", hook.active}}));
  }
  return list(asked, std::move(items));
}

net::response api::list_versions(const asked_call& asked) const {
  std::vector<std::string> items;
  for (const auto& version : deployments_.versions(asked.where.bot_id))
    items.push_back(boost::json::serialize(boost::json::object{{"version", version}}));
  return list(asked, std::move(items));
}

net::response api::find_deployments(const asked_call& asked) const {
  if (!is_identifier(asked.bot_id))
    return error_answer(400, "bad_request", "botId is needed");
  const auto environment = form_value(asked.where.query, "environmentId").value_or("");
  const auto found = deployments_.of_bot(asked.bot_id, environment);
  const auto left_out = found.size() - std::min(found.size(), most_listed);
  std::vector<std::string> items;
  for (const auto* listed : found | std::views::drop(left_out))
    items.push_back(deployment_json(*listed));
  return list(asked, std::move(items));
}

std::string deployment_json(const deployment_record& shown) {
  return fmt::format(
      R"({{"deploymentId":{},"bot_id":"{}","environment_id":"{}","version":"{}","status":"{}",)"
      R"("traffic_matrix":{{"stable":{},"canary":{}}},"created_at":"{}"}})",
      is_number(shown.id) ? shown.id : quoted(shown.id), shown.bot_id, shown.environment_id,
      shown.version, to_string(shown.status), 100.0 - shown.canary_percent, shown.canary_percent,
      text::format_wall_time(shown.created().wall));
}

}  // namespace canaryd::sim
