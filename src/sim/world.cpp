#include "canaryd/sim/world.hpp"

#include "canaryd/sim/deploy_request.hpp"
#include "canaryd/sim/fault_effects.hpp"

#include <boost/json/parse.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace canaryd::sim {
namespace {

constexpr std::size_t most_bytes = std::size_t{1} << 20U;

std::optional<boost::json::object> read_body(const matched_call& where, const std::string& body) {
  if (!is_write(where.what) || body.size() > most_bytes)
    return std::nullopt;
  boost::system::error_code ec;
  auto value = boost::json::parse(body, ec);
  if (ec || !value.is_object())
    return std::nullopt;
  return std::move(value.get_object());
}

// Finds the bot in a webhook's name: canary_completion_{bot_id}, perhaps followed by eight
// hexadecimal digits.
std::string bot_of_webhook(std::string_view name) {
  constexpr std::string_view prefix = "canary_completion_";
  if (!name.starts_with(prefix))
    return {};
  name.remove_prefix(prefix.size());
  const auto tail = name.substr(name.size() - std::min<std::size_t>(name.size(), 9));
  const bool has_digest = tail.size() == 9 && tail.front() == '_' &&
                          tail.find_first_not_of("0123456789abcdef", 1) == std::string_view::npos;
  return std::string{has_digest ? name.substr(0, name.size() - tail.size()) : name};
}

std::string bot_of(const matched_call& where, const std::optional<boost::json::object>& body,
                   deployment_book& deployments) {
  if (!where.bot_id.empty())
    return where.bot_id;
  if (!where.deployment_id.empty()) {
    const auto* found = deployments.find(where.deployment_id);
    return found == nullptr ? std::string{} : found->bot_id;
  }
  if (where.what == call::register_webhook || where.what == call::audit) {
    const bool is_audit = where.what == call::audit;
    const auto* text = body ? text_member(*body, is_audit ? "bot_id" : "name") : nullptr;
    if (text == nullptr)
      return {};
    return is_audit ? std::string{*text} : bot_of_webhook(*text);
  }
  return form_value(where.query, "botId").value_or("");
}

reply too_many_requests(duration wait) {
  reply result{.answer = error_answer(429, "rate_limited", "more requests than the limit allows")};
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(wait).count();
  result.answer.headers.push_back(
      {.name = "Retry-After", .value = fmt::format("{}", std::max<std::int64_t>(seconds, 1))});
  return result;
}

}  // namespace

world::world(world_options options, instant start)
    : options_{std::move(options)},
      start_{start},
      api_{options_.api, start},
      faults_{options_.api.traffic.seed} {
  for (const auto& added : options_.faults)
    faults_.add(added);
}

reply world::handle(const net::request& message, instant now, wall_time wall, bool reused) {
  api_.do_what_is_due({.now = now, .wall = wall});
  const auto where = match_call(message.method, message.target.target);
  const auto body = read_body(where, message.body);
  const auto bot_id = bot_of(where, body, api_.deployments());
  const auto striking = faults_.strike(where.what, bot_id, now - start_, reused);
  const asked_call asked{
      .message = message,
      .where = where,
      .bot_id = bot_id,
      .body = body,
      .idempotency_key = net::find_header(message.headers, "Idempotency-Key").value_or(""),
      .when = {.now = now, .wall = wall},
      .striking = striking};
  ++counts_.at(static_cast<std::size_t>(where.what));
  check_headers(asked);
  auto result = play(asked);
  log(asked, result);
  return result;
}

reply world::play(const asked_call& asked) {
  const auto wall = asked.when.wall;
  if (!within_limit(asked.when) && options_.limit->enforce)
    return too_many_requests(recent_.front() + options_.limit->per - asked.when.now);
  for (const auto* fault : asked.striking)
    api_.events().note(fmt::format("fault        {} {} {}", to_string(fault->kind),
                                   to_string(asked.where.what), asked.bot_id));
  reply result;
  if (!asked.striking.empty() && comes_before_processing(asked.striking.back()->kind)) {
    result = answer_instead(*asked.striking.back(), wall);
  } else if (asked.message.body.size() > most_bytes) {
    result.answer = error_answer(413, "too_large", "a body is at most 1 MiB");
  } else {
    result.answer = api_.answer(asked);
  }
  result.delay += options_.answer_delay;
  for (const auto* fault : asked.striking) {
    if (!comes_before_processing(fault->kind))
      spoil(result, *fault, wall);
  }
  return result;
}

bool world::within_limit(moment when) {
  if (!options_.limit)
    return true;
  const auto& limit = *options_.limit;
  while (!recent_.empty() && when.now - recent_.front() >= limit.per)
    recent_.pop_front();
  if (recent_.size() < limit.requests) {
    recent_.push_back(when.now);
    return true;
  }
  api_.events().note_violation(violation_kind::rate_exceeded,
                               fmt::format("over {} requests", limit.requests), when);
  return false;
}

void world::check_headers(const asked_call& asked) {
  if (asked.where.what == call::unknown)
    return;
  const auto& headers = asked.message.headers;
  const bool accepts_json = net::find_header(headers, "Accept") == "application/json";
  const bool says_who =
      net::find_header(headers, "User-Agent").value_or("").starts_with("canaryd/");
  if (!accepts_json || !says_who) {
    api_.events().note_violation(
        violation_kind::missing_header,
        fmt::format("{} without {}", to_string(asked.where.what),
                    accepts_json ? "User-Agent: canaryd/..." : "Accept: application/json"),
        asked.when);
  }
}

void world::log(const asked_call& asked, const reply& result) {
  if (options_.requests_kept == 0)
    return;
  if (requests_.size() >= options_.requests_kept)
    requests_.pop_front();
  requests_.push_back({.at = asked.when.now,
                       .what = asked.where.what,
                       .bot_id = std::string{asked.bot_id},
                       .deployment_id = asked.where.deployment_id,
                       .status = result.answer.status,
                       .ended = result.ended,
                       .struck_by_fault = !asked.striking.empty(),
                       .idempotency_key = std::string{asked.idempotency_key}});
}

std::string world::external_deploy(std::string bot_id, std::string environment_id,
                                   std::string version, double canary_percent, moment when) {
  deployment_record asked;
  asked.bot_id = std::move(bot_id);
  asked.environment_id = std::move(environment_id);
  asked.version = std::move(version);
  asked.canary_percent = canary_percent;
  const auto& opened = api_.deployments().open(std::move(asked), "external deploy", when);
  api_.events().note(fmt::format("external     deploy {}/{} version={} -> {}", opened.bot_id,
                                 opened.environment_id, opened.version, opened.id));
  return opened.id;
}

result<void> world::external_promote(std::string_view deployment_id, moment when) {
  return conclude_externally(deployment_id, deployment_status::promoted, "external promote", when);
}

result<void> world::external_rollback(std::string_view deployment_id, moment when) {
  return conclude_externally(deployment_id, deployment_status::rolled_back, "external rollback",
                             when);
}

result<void> world::conclude_externally(std::string_view deployment_id, deployment_status wanted,
                                        std::string_view cause, moment when) {
  auto* found = api_.deployments().find(deployment_id);
  if (found == nullptr) {
    return std::unexpected{error{
        .kind = canaryd::fault::refused, .text = "there is no such deployment", .status = 404}};
  }
  if (found->status != deployment_status::active && found->status != wanted) {
    return std::unexpected{
        error{.kind = canaryd::fault::refused,
              .text = fmt::format("the deployment is {}", to_string(found->status)),
              .status = 409}};
  }
  api_.deployments().set_status(*found, wanted, std::string{cause}, when);
  api_.events().note(fmt::format("{:12} {}", cause, deployment_id));
  return {};
}

}  // namespace canaryd::sim
