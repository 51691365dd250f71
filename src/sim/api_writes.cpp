// Answers the calls of the API that change something.
#include "canaryd/sim/api.hpp"
#include "canaryd/sim/deploy_request.hpp"
#include "canaryd/sim/reply.hpp"
#include "canaryd/text/wall_text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace canaryd::sim {
namespace {

constexpr std::size_t most_deployments = 1'000'000;
constexpr std::size_t most_audits = 4'000'000;
constexpr std::size_t most_webhooks = 100'000;
constexpr std::size_t most_keys = 8'000'000;

net::response full() {
  return error_answer(503, "full", "the simulator holds as many records as it can");
}

bool is_active(const deployment_record* deployed) {
  return deployed->status == deployment_status::active;
}

// A deployment whose promote was accepted counts as promoted, so a deploy after it is no violation.
bool is_in_the_way(const deployment_record* deployed) {
  return is_active(deployed) && !deployed->is_being_promoted;
}

net::response conflict(const deployment_record& concluded) {
  return error_answer(409, "conflict",
                      fmt::format("the deployment is {}", to_string(concluded.status)));
}

bool has_header(const net::request& message, std::string_view name, std::string_view value) {
  return net::find_header(message.headers, name) == value;
}

std::string text_or_empty(const boost::json::object& body, std::string_view name) {
  const auto* text = text_member(body, name);
  return text == nullptr ? std::string{} : std::string{*text};
}

// Says what is missing from the body of an audit record; empty if nothing is.
std::string_view missing_in_audit(const boost::json::object& body) {
  for (const std::string_view name :
       {"record_id", "timestamp", "bot_id", "action", "status", "source"}) {
    const auto* text = text_member(body, name);
    if (text == nullptr || text->empty())
      return name;
  }
  if (!text::parse_wall_time(std::string_view{*text_member(body, "timestamp")}))
    return "timestamp (RFC 3339, UTC)";
  const auto* metrics = body.if_contains("metrics");
  return metrics != nullptr && metrics->is_object() ? std::string_view{} : "metrics";
}

}  // namespace

net::response api::answer_write(const asked_call& asked) {
  if (!asked.body)
    return error_answer(400, "bad_request", "the body has to be a JSON object");
  if (asked.idempotency_key.empty()) {
    events_.note_violation(violation_kind::missing_idempotency_key,
                           std::string{to_string(asked.where.what)}, asked.when);
  }
  switch (asked.where.what) {
    case call::deploy:
      return deploy(asked, *asked.body);
    case call::register_webhook:
      return register_webhook(asked, *asked.body);
    case call::audit:
      return store_audit(asked, *asked.body);
    default:
      return change_deployment(asked, *asked.body);
  }
}

api::used_key* api::use_key(const asked_call& asked, std::string action) {
  if (asked.idempotency_key.empty() || keys_.size() >= most_keys)
    return nullptr;
  auto& use = keys_[std::string{asked.idempotency_key}];
  if (use.action.empty())
    use.action = std::move(action);
  else if (use.action != action)
    events_.note_violation(violation_kind::reused_idempotency_key,
                           fmt::format("for {}, first for {}", action, use.action), asked.when);
  return &use;
}

net::response api::deploy(const asked_call& asked, const boost::json::object& body) {
  if (!has_header(asked.message, "X-Deployment-Type", "canary") ||
      !has_header(asked.message, "X-Format-Verification", "strict")) {
    events_.note_violation(violation_kind::missing_header,
                           "deploy without X-Deployment-Type or X-Format-Verification", asked.when);
    return error_answer(400, "bad_request",
                        "X-Deployment-Type: canary and X-Format-Verification: strict are needed");
  }
  auto wanted = read_deploy(body, asked.where.bot_id);
  if (!wanted)
    return error_answer(400, "bad_request", wanted.error());
  if (wanted->canary_percent > wanted->max_traffic_percentage)
    return refuse_share(asked, wanted->canary_percent, wanted->max_traffic_percentage);
  const auto what =
      fmt::format("{}/{} version={}", wanted->bot_id, wanted->environment_id, wanted->version);
  auto* use = use_key(asked, "deploy " + what);
  if (repeats(use))
    return json_answer(200, deployment_json(*deployments_.find(use->made)));
  if (deployments_.all().size() >= most_deployments)
    return full();
  if (std::ranges::any_of(deployments_.of_bot(wanted->bot_id, wanted->environment_id),
                          is_in_the_way))
    events_.note_violation(violation_kind::second_live_deployment, what, asked.when);
  wanted->idempotency_key = asked.idempotency_key;
  const auto& opened = deployments_.open(std::move(*wanted), "deploy", asked.when);
  if (use != nullptr)
    use->made = opened.id;
  events_.note(
      fmt::format("deploy       {} canary={}% -> {}", what, opened.canary_percent, opened.id));
  return json_answer(201, deployment_json(opened));
}

net::response api::refuse_share(const asked_call& asked, double share, double most) {
  auto text = fmt::format("a canary share of {} is over the maximum of {}", share, most);
  auto answer = error_answer(422, "share_over_maximum", text);
  events_.note_violation(violation_kind::share_over_maximum, std::move(text), asked.when);
  return answer;
}

net::response api::change_deployment(const asked_call& asked, const boost::json::object& body) {
  auto* found = deployments_.find(asked.where.deployment_id);
  if (found == nullptr)
    return error_answer(404, "not_found", "there is no such deployment");
  if (asked.where.what == call::change_traffic)
    return change_traffic(asked, body, *found);
  const auto* metrics = body.if_contains("metrics");
  if (metrics == nullptr || !metrics->is_object())
    return error_answer(400, "bad_request", "metrics has to be an object");
  if (asked.where.what == call::promote)
    return conclude(asked, *found, deployment_status::promoted);
  if (text_member(body, "reason") == nullptr)
    return error_answer(400, "bad_request", "reason is needed");
  return conclude(asked, *found, deployment_status::rolled_back);
}

net::response api::change_traffic(const asked_call& asked, const boost::json::object& body,
                                  deployment_record& changed) {
  const auto share = read_traffic_matrix(body);
  if (!share)
    return error_answer(400, "bad_request", share.error());
  use_key(asked, fmt::format("change_traffic {} to {}", changed.id, *share));
  if (!is_active(&changed))
    return conflict(changed);
  if (*share > changed.max_traffic_percentage)
    return refuse_share(asked, *share, changed.max_traffic_percentage);
  deployments_.set_traffic(changed, *share, "change_traffic", asked.when);
  events_.note(fmt::format("traffic      {} {}/{} canary={}%", changed.id, changed.bot_id,
                           changed.environment_id, *share));
  return json_answer(200, deployment_json(changed));
}

net::response api::conclude(const asked_call& asked, deployment_record& changed,
                            deployment_status wanted) {
  const auto name = to_string(asked.where.what);
  use_key(asked, fmt::format("{} {}", name, changed.id));
  if (is_active(&changed) && wanted == deployment_status::promoted &&
      options_.promote_delay > duration::zero())
    return promote_later(asked, changed);
  if (is_active(&changed)) {
    deployments_.set_status(changed, wanted, std::string{name}, asked.when);
    events_.note(fmt::format("{:12} {} {}/{} version={}", name, changed.id, changed.bot_id,
                             changed.environment_id, changed.version));
  }
  return changed.status == wanted ? json_answer(200, deployment_json(changed)) : conflict(changed);
}

net::response api::promote_later(const asked_call& asked, deployment_record& changed) {
  if (!changed.is_being_promoted && options_.promote_delay != duration::max())
    accepted_promotes_.emplace(asked.when.now + options_.promote_delay, changed.id);
  changed.is_being_promoted = true;
  events_.note(fmt::format("promote      {} accepted", changed.id));
  return json_answer(202, deployment_json(changed));
}

void api::do_what_is_due(moment when) {
  while (!accepted_promotes_.empty() && accepted_promotes_.begin()->first <= when.now) {
    auto& promoted = *deployments_.find(accepted_promotes_.begin()->second);
    accepted_promotes_.erase(accepted_promotes_.begin());
    // Somebody may have rolled it back meanwhile.
    if (!is_active(&promoted))
      continue;
    deployments_.set_status(promoted, deployment_status::promoted, "promote", when);
    events_.note(fmt::format("promote      {} {}/{} version={}", promoted.id, promoted.bot_id,
                             promoted.environment_id, promoted.version));
  }
}

net::response api::register_webhook(const asked_call& asked, const boost::json::object& body) {
  const auto name = text_or_empty(body, "name");
  const auto url = text_or_empty(body, "url");
  const auto* events = body.if_contains("events");
  const auto* active = body.if_contains("active");
  if (name.empty() || url.empty() || text_or_empty(body, "secret").empty())
    return error_answer(400, "bad_request", "name, url and secret are needed");
  if (events == nullptr || !events->is_array() || events->get_array().empty() ||
      !std::ranges::all_of(events->get_array(), &boost::json::value::is_string))
    return error_answer(400, "bad_request", "events has to be a list of names");
  if (active == nullptr || !active->is_bool())
    return error_answer(400, "bad_request", "active has to be true or false");
  auto* use = use_key(asked, fmt::format("register_webhook {} {}", name, url));
  if (repeats(use))
    return json_answer(201, fmt::format(R"({{"name":{}}})", quoted(name)));
  if (std::ranges::find(webhooks_, name, &stored_webhook::name) != webhooks_.end())
    return error_answer(409, "conflict", "there is a webhook of that name");
  if (webhooks_.size() >= most_webhooks)
    return full();
  auto& stored = webhooks_.emplace_back(
      stored_webhook{.name = name, .url = url, .events = {}, .active = active->get_bool()});
  for (const auto& event : events->get_array())
    stored.events.emplace_back(event.get_string());
  if (use != nullptr)
    use->made = name;
  events_.note(fmt::format("webhook      {} -> {}", quoted(name), quoted(url)));
  return json_answer(201, fmt::format(R"({{"name":{}}})", quoted(name)));
}

net::response api::store_audit(const asked_call& asked, const boost::json::object& body) {
  if (const auto missing = missing_in_audit(body); !missing.empty())
    return error_answer(400, "bad_request", fmt::format("{} is missing or wrong", missing));
  const auto id = text_or_empty(body, "record_id");
  auto stored_answer = json_answer(201, fmt::format(R"({{"record_id":{}}})", quoted(id)));
  auto* use = use_key(asked, "audit " + id);
  const auto known = audits_by_id_.find(id);
  if (known != audits_by_id_.end() && audits_[known->second].body != asked.message.body)
    events_.note_violation(violation_kind::changed_audit_record, id, asked.when);
  if (options_.honour_idempotency && known != audits_by_id_.end()) {
    ++audits_[known->second].times_sent;
    return stored_answer;
  }
  if (repeats(use))
    return stored_answer;
  if (audits_.size() >= most_audits)
    return full();
  audits_by_id_.try_emplace(id, audits_.size());
  const auto& stored =
      audits_.emplace_back(stored_audit{.record_id = id,
                                        .bot_id = text_or_empty(body, "bot_id"),
                                        .job_id = text_or_empty(body, "job_id"),
                                        .deployment_id = text_or_empty(body, "deployment_id"),
                                        .action = text_or_empty(body, "action"),
                                        .status = text_or_empty(body, "status"),
                                        .body = asked.message.body,
                                        .arrived = asked.when});
  if (use != nullptr)
    use->made = id;
  events_.note(fmt::format("audit        {} {} bot={} deployment={} reason={}", stored.action,
                           stored.status, stored.bot_id, stored.deployment_id,
                           quoted(text_or_empty(body, "reason"))));
  return stored_answer;
}

}  // namespace canaryd::sim
