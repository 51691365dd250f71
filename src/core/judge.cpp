#include "canaryd/core/judge.hpp"

#include <fmt/format.h>

#include "judge_metric.hpp"
#include <algorithm>

namespace canaryd::core {
namespace {

bool has_effect(const judged_metric& metric) {
  return !metric.dry_run;
}

bool rejects(const judged_metric& metric) {
  return metric.outcome == verdict::breach && metric.evidence &&
         metric.evidence->against >= metric.evidence->needed;
}

template <class Rule>
const judged_metric* find(const reading& taken, Rule applies) {
  const auto found = std::ranges::find_if(taken.metrics, [&](const judged_metric& metric) {
    return has_effect(metric) && applies(metric);
  });
  return found == taken.metrics.end() ? nullptr : &*found;
}

// What there is too little of; empty where there is enough. The sequential method counts since the
// deploy, but says nothing of a share without any conversation.
std::string too_few(const job& spec, const std::optional<evidence>& gathered,
                    const reading& taken) {
  const auto now = taken.conversations.value_or(0);
  const auto since_deploy = gathered ? gathered->total.conversations : now;
  if (gathered && now < 1)
    return "no conversations";
  if (since_deploy < spec.min_conversations)
    return fmt::format("{} conversations of {}", since_deploy, spec.min_conversations);
  return {};
}

struct ruling {
  verdict outcome = verdict::pass;
  std::string problem = {};
};

ruling rule_on(const job& spec, const std::optional<evidence>& gathered, const arms& both,
               const reading& taken) {
  if (is_past_hard_limit(taken))
    return {verdict::breach};
  if (auto missing = too_few(spec, gathered, taken); !missing.empty())
    return {verdict::no_data, std::move(missing)};
  if (is_rejected(taken))
    return {verdict::breach};
  if (const auto* metric = find(taken, [](const auto& each) { return !each.value; }))
    return {verdict::no_data, metric->name + " is missing"};
  if (find(taken, [](const auto& each) { return each.outcome == verdict::breach; }) != nullptr)
    return {verdict::breach};
  // What is within its limit may still want a stable arm to be held against.
  if (const auto* metric =
          find(taken, [](const auto& each) { return each.outcome == verdict::no_data; })) {
    return {verdict::no_data,
            gathered && both.stable != nullptr && !both.are_of_one_window
                ? std::string{"the arms answered for different windows"}
                : fmt::format("the stable arm has no {}, or too few conversations", metric->name)};
  }
  return {};
}

judgement fail(judgement made, std::string problem) {
  made.taken.outcome = verdict::provider_error;
  made.taken.problem = std::move(problem);
  return made;
}

}  // namespace

judgement judge(const job& spec, std::optional<evidence>& gathered, const answered_poll& poll) {
  judgement made;
  auto& taken = made.taken;
  taken.at = poll.at;
  taken.window = poll.window;
  if (!poll.canary)
    return fail(std::move(made), poll.canary.error().text);
  taken.source = poll.canary->source;
  taken.conversations = poll.canary->sample.conversation_count;
  const bool has_stable = poll.stable && poll.stable->has_value();
  if (has_stable && (*poll.stable)->source != taken.source)
    taken.source = metrics_source::merged;
  const arms both{.canary = poll.canary->sample,
                  .stable = has_stable ? &(*poll.stable)->sample : nullptr,
                  .are_of_one_window = poll.window == poll.stable_window};
  if (gathered && poll.counts)
    made.has_counted = gather(spec, *gathered, both, made.notes);
  taken.metrics = judge_metrics(spec, gathered, both);
  auto [outcome, problem] = rule_on(spec, gathered, both, taken);
  // What the canary breaches by itself needs no other arm.
  if (poll.stable && !has_stable && outcome != verdict::breach)
    return fail(std::move(made), "stable arm: " + poll.stable->error().text);
  taken.outcome = outcome;
  taken.problem = std::move(problem);
  return made;
}

bool is_past_hard_limit(const reading& taken) {
  return find(taken, [](const auto& metric) { return metric.past_hard_limit; }) != nullptr;
}

bool is_rejected(const reading& taken) {
  return find(taken, rejects) != nullptr;
}

bool counts_as_breach(const judged_metric& metric) {
  return has_effect(metric) && metric.outcome == verdict::breach;
}

bool is_without_data_but_bad(const job& spec, const reading& taken) {
  const bool is_enough = taken.conversations.value_or(0) >= spec.min_conversations;
  return taken.outcome == verdict::no_data &&
         find(taken, [&](const auto& metric) {
           return rejects(metric) || (is_enough && metric.outcome == verdict::breach);
         }) != nullptr;
}

bool is_unproven(const judged_metric& metric) {
  return has_effect(metric) && metric.evidence && metric.evidence->within < metric.evidence->needed;
}

bool is_proven(const reading& taken) {
  return taken.outcome == verdict::pass && std::ranges::none_of(taken.metrics, is_unproven);
}

}  // namespace canaryd::core
