// The one list of a canary's fields, for all that goes through them: each_field(value, visit) calls
// visit(name, field) for each.
#pragma once

#include "canaryd/core/canary.hpp"

#include <concepts>
#include <type_traits>

namespace canaryd::core {

template <class Self, class Type>
concept maybe_const = std::same_as<std::remove_const_t<Self>, Type>;

template <maybe_const<pending_call> Self>
void each_field(Self& self, auto&& visit) {
  visit("what", self.what);
  visit("not_before", self.not_before);
  visit("first_attempt", self.first_attempt);
  visit("serial", self.serial);
}

template <maybe_const<reading_counts> Self>
void each_field(Self& self, auto&& visit) {
  visit("pass", self.pass);
  visit("breach", self.breach);
  visit("no_data", self.no_data);
  visit("provider_error", self.provider_error);
}

template <maybe_const<deploy_progress> Self>
void each_field(Self& self, auto&& visit) {
  visit("known_deployments", self.known_deployments);
  visit("uncertain", self.uncertain);
  visit("refusal", self.refusal);
  visit("repeat_at", self.repeat_at);
  visit("empty_look_ups", self.empty_look_ups);
  visit("failed_look_ups", self.failed_look_ups);
  visit("unreadable_before", self.unreadable_before);
}

template <maybe_const<hold_progress> Self>
void each_field(Self& self, auto&& visit) {
  visit("step", self.step);
  visit("since", self.since);
  visit("ends", self.ends);
  visit("extended", self.extended);
  visit("next_due", self.next_due);
  visit("breaches", self.breaches);
  visit("no_data", self.no_data);
  visit("provider_errors", self.provider_errors);
  visit("troubled", self.troubled);
  visit("unwatched", self.unwatched);
  visit("paused_since", self.paused_since);
  visit("left", self.left);
  visit("approved", self.approved);
  visit("own_breaches", self.own_breaches);
  visit("counted_from", self.counted_from);
  visit("counted_until", self.counted_until);
}

template <maybe_const<traffic_progress> Self>
void each_field(Self& self, auto&& visit) {
  visit("under_way", self.under_way);
  visit("refused", self.refused);
  visit("repeat_at", self.repeat_at);
  visit("sent_at", self.sent_at);
}

template <maybe_const<promote_progress> Self>
void each_field(Self& self, auto&& visit) {
  visit("accepted", self.accepted);
  visit("other_words", self.other_words);
  visit("failed_reads", self.failed_reads);
}

template <maybe_const<rollback_progress> Self>
void each_field(Self& self, auto&& visit) {
  visit("accepted", self.accepted);
  visit("refusal_recorded", self.refusal_recorded);
  visit("traffic_removed", self.traffic_removed);
  visit("removals", self.removals);
  visit("completions", self.completions);
  visit("after_refusal", self.after_refusal);
  visit("absent_since", self.absent_since);
  visit("settles_at", self.settles_at);
}

template <maybe_const<test_evidence> Self>
void each_field(Self& self, auto&& visit) {
  visit("against", self.against);
  visit("within", self.within);
  visit("needed", self.needed);
  visit("trials", self.trials);
  visit("events", self.events);
  visit("rounding", self.rounding);
}

template <maybe_const<judged_metric> Self>
void each_field(Self& self, auto&& visit) {
  visit("name", self.name);
  visit("value", self.value);
  visit("limit", self.limit);
  visit("outcome", self.outcome);
  visit("stable", self.stable);
  visit("dry_run", self.dry_run);
  visit("past_hard_limit", self.past_hard_limit);
  visit("evidence", self.evidence);
  visit("optional", self.optional);
}

template <maybe_const<arm_counts> Self>
void each_field(Self& self, auto&& visit) {
  visit("conversations", self.conversations);
  visit("trials", self.trials);
  visit("errors", self.errors);
  visit("rated", self.rated);
  visit("dissatisfaction", self.dissatisfaction);
}

template <maybe_const<paired_counts> Self>
void each_field(Self& self, auto&& visit) {
  visit("canary", self.canary);
  visit("canary_errors", self.canary_errors);
  visit("stable", self.stable);
  visit("stable_errors", self.stable_errors);
}

template <maybe_const<evidence> Self>
void each_field(Self& self, auto&& visit) {
  visit("seen", self.seen);
  visit("whole", self.whole);
  visit("paired", self.paired);
  visit("total", self.total);
  visit("stable_total", self.stable_total);
  visit("shrunk", self.shrunk);
  visit("scores_are_counted", self.scores_are_counted);
  visit("worse", self.worse);
  visit("better", self.better);
}

template <maybe_const<reading> Self>
void each_field(Self& self, auto&& visit) {
  visit("at", self.at);
  visit("outcome", self.outcome);
  visit("source", self.source);
  visit("window", self.window);
  visit("conversations", self.conversations);
  visit("metrics", self.metrics);
  visit("problem", self.problem);
}

template <maybe_const<canary> Self>
void each_field(Self& self, auto&& visit) {
  visit("job_id", self.job_id);
  visit("uid", self.uid);
  visit("state", self.state);
  visit("why", self.why);
  visit("detail", self.detail);
  visit("deployment_id", self.deployment_id);
  visit("surplus_deployments", self.surplus_deployments);
  visit("next_call", self.next_call);
  visit("extension_left", self.extension_left);
  visit("attempts", self.attempts);
  visit("token_failures", self.token_failures);
  visit("surplus_failures", self.surplus_failures);
  visit("surplus_accepted", self.surplus_accepted);
  visit("deploy", self.deploy);
  visit("hold", self.hold);
  visit("traffic", self.traffic);
  visit("promote", self.promote);
  visit("rollback", self.rollback);
  visit("promote_uncertain", self.promote_uncertain);
  visit("promote_refused", self.promote_refused);
  visit("status_wanted", self.status_wanted);
  visit("abort_wanted", self.abort_wanted);
  visit("decided_by", self.decided_by);
  visit("odd_status", self.odd_status);
  visit("verified", self.verified);
  visit("ends_as", self.ends_as);
  visit("newest", self.newest);
  visit("readings", self.readings);
  visit("gathered", self.gathered);
  visit("started_at", self.started_at);
  visit("ended_at", self.ended_at);
  visit("records_made", self.records_made);
  visit("calls_made", self.calls_made);
}

// Stands in for a visitor where only the presence of fields matters.
struct any_visitor {
  void operator()(const char* name, auto& field) const;
};

template <class T>
concept has_fields = requires(T& value) { each_field(value, any_visitor{}); };

}  // namespace canaryd::core
