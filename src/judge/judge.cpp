#include "canaryd/judge/judge.hpp"

#include "canaryd/text/text.hpp"

#include <fmt/format.h>

#include "judge_metric.hpp"
#include <algorithm>

namespace canaryd::judge {
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

// Says what there is too little of. Empty if there is enough. The sequential method counts all
// conversations since the deploy, but a reading needs at least one conversation of its own.
std::string too_few(const job::job& spec, const std::optional<evidence>& gathered,
                    const reading& taken) {
  if (!taken.conversations)
    return "conversation_count is missing";
  if (*taken.conversations < 1)
    return "the canary has no conversations";
  const auto since_deploy = gathered ? gathered->total.conversations : *taken.conversations;
  if (since_deploy < spec.min_conversations)
    return fmt::format("the canary has {} and needs {}",
                       text::counted(since_deploy, "conversation"), spec.min_conversations);
  return {};
}

// Says why a reading without a breach does not pass. Empty if it passes.
std::string lack_of_data(const job::job& spec, const std::optional<evidence>& gathered,
                         const arms& both, const reading& taken) {
  if (auto missing = too_few(spec, gathered, taken); !missing.empty())
    return missing;
  const auto is_wanted = [](const auto& each) { return !each.optional && !each.value; };
  if (const auto* metric = find(taken, is_wanted))
    return metric->name + " is missing";
  // A metric within its limit may still lack a stable arm to be compared with.
  const bool has_stable = has_stable_data(spec, gathered, both);
  const auto is_open = [&](const judged_metric& each) {
    return each.value && each.outcome == verdict::no_data && !(each.optional && has_stable);
  };
  const auto* metric = find(taken, is_open);
  if (metric == nullptr)
    return {};
  if (gathered && both.stable != nullptr && !both.are_of_one_window)
    return "the arms answered for different windows";
  return fmt::format("the stable arm has no {}, or too few conversations", metric->name);
}

// A hard limit counts only the conversations of the reading itself, so too_few() does not matter to
// it.
bool is_breach(const job::job& spec, const std::optional<evidence>& gathered,
               const reading& taken) {
  return is_past_hard_limit(taken) ||
         (too_few(spec, gathered, taken).empty() && find(taken, counts_as_breach) != nullptr);
}

judgement fail(judgement made, std::string problem) {
  made.taken.outcome = verdict::provider_error;
  made.taken.problem = std::move(problem);
  return made;
}

}  // namespace

judgement judge(const job::job& spec, std::optional<evidence>& gathered,
                const answered_poll& poll) {
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
  if (gathered)
    settle_how_scores_count(spec, *gathered, both, made.notes);
  if (gathered && poll.counts)
    made.has_counted = gather(spec, *gathered, both, made.notes);
  taken.metrics = judge_metrics(spec, gathered, both, made.shows_harm);
  if (is_breach(spec, gathered, taken)) {
    taken.outcome = verdict::breach;
    return made;
  }
  if (poll.stable && !has_stable)
    return fail(std::move(made), "stable arm: " + poll.stable->error().text);
  taken.problem = lack_of_data(spec, gathered, both, taken);
  taken.outcome = taken.problem.empty() ? verdict::pass : verdict::no_data;
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

bool is_excused(const judged_metric& metric) {
  return metric.dry_run || metric.optional;
}

bool is_unproven(const judged_metric& metric) {
  return !is_excused(metric) && metric.evidence &&
         metric.evidence->within < metric.evidence->needed;
}

bool is_proven(const reading& taken) {
  return taken.outcome == verdict::pass && std::ranges::none_of(taken.metrics, is_unproven);
}

}  // namespace canaryd::judge
