#include "canaryd/core/judge.hpp"

#include "judge_metric.hpp"
#include <algorithm>

namespace canaryd::core {
namespace {

constexpr std::int64_t at_least_one = 1;

bool has_effect(const judged_metric& metric) {
  return !metric.dry_run;
}

bool rejects(const judged_metric& metric) {
  return metric.outcome == verdict::breach && metric.evidence &&
         metric.evidence->against >= metric.evidence->needed;
}

template <class Rule>
bool any(const reading& taken, Rule applies) {
  return std::ranges::any_of(taken.metrics, [&](const judged_metric& metric) {
    return has_effect(metric) && applies(metric);
  });
}

// The sequential method counts since the deploy, but says nothing of a share without any.
bool too_few(const job& spec, const std::optional<evidence>& gathered, const reading& taken) {
  const auto now = taken.conversations.value_or(0);
  if (!gathered)
    return now < spec.min_conversations;
  return now < at_least_one || gathered->total.conversations < spec.min_conversations;
}

verdict verdict_of(const job& spec, const std::optional<evidence>& gathered, const reading& taken) {
  if (is_past_hard_limit(taken))
    return verdict::breach;
  if (too_few(spec, gathered, taken))
    return verdict::no_data;
  if (is_rejected(taken))
    return verdict::breach;
  if (any(taken, [](const auto& metric) { return !metric.value; }))
    return verdict::no_data;
  if (any(taken, [](const auto& metric) { return metric.outcome == verdict::breach; }))
    return verdict::breach;
  // What is within its limit may still want a stable arm to be held against.
  if (any(taken, [](const auto& metric) { return metric.outcome == verdict::no_data; }))
    return verdict::no_data;
  return verdict::pass;
}

}  // namespace

judgement judge(const job& spec, std::optional<evidence>& gathered, const answered_poll& poll) {
  judgement made;
  auto& taken = made.taken;
  taken.at = poll.at;
  taken.window = poll.window;
  if (!poll.canary) {
    taken.outcome = verdict::provider_error;
    taken.problem = poll.canary.error().text;
    return made;
  }
  taken.source = poll.canary->source;
  taken.conversations = poll.canary->sample.conversation_count;
  const arms both{poll.canary->sample, poll.stable ? &poll.stable->sample : nullptr};
  if (gathered)
    made.notes = gather(spec, *gathered, both);
  taken.metrics = judge_metrics(spec, gathered, both);
  taken.outcome = verdict_of(spec, gathered, taken);
  return made;
}

bool is_past_hard_limit(const reading& taken) {
  return any(taken, [](const auto& metric) { return metric.past_hard_limit; });
}

bool is_rejected(const reading& taken) {
  return any(taken, rejects);
}

bool counts_as_breach(const judged_metric& metric) {
  return has_effect(metric) && metric.outcome == verdict::breach;
}

bool is_proven(const reading& taken) {
  return taken.outcome == verdict::pass && !any(taken, [](const judged_metric& metric) {
           return metric.evidence && metric.evidence->within < metric.evidence->needed;
         });
}

}  // namespace canaryd::core
