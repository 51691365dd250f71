// Rolling back the further deployments that a repeated deploy turned out to have made.
#include <fmt/format.h>

#include "canary_turn.hpp"

namespace canaryd::canary {
namespace {

constexpr std::chrono::seconds longest_wait{60};

// True while the canary's own deployment has to be rolled back too: the two take turns.
bool shares_the_lane(const turn& t) {
  return t.self.state == canary_state::rolling_back && !t.self.ends_as;
}

// What the call lane does once a surplus deployment is settled.
void go_on(turn& t) {
  if (shares_the_lane(t))
    return t.call_now(operation::read_status);
  if (!t.self.surplus_deployments.empty())
    return t.call_now(operation::rollback_surplus);
  if (t.self.ends_as)
    return finish(t, *t.self.ends_as, *t.self.why);
  if (t.self.state == canary_state::promoting)
    continue_promote(t);
}

void settle(turn& t) {
  t.tell(severity::warning, topic::surplus_deployment,
         fmt::format("surplus deployment {} is settled", t.self.surplus_deployments.front()));
  t.self.surplus_deployments.erase(t.self.surplus_deployments.begin());
  t.self.surplus_failures = 0;
  t.self.surplus_accepted = false;
  go_on(t);
}

void retry_surplus(turn& t, const error& problem) {
  const auto failures = t.self.surplus_failures++;
  t.self.surplus_accepted = false;
  t.tell(severity::critical, topic::surplus_deployment,
         fmt::format("surplus deployment {} is not rolled back: {}",
                     t.self.surplus_deployments.front(), problem.text));
  if (shares_the_lane(t))
    return t.call_now(operation::read_status);
  t.call(operation::rollback_surplus,
         t.at.now + retry_wait(problem, failures, t.at.random, longest_wait, longest_hold_up));
}

}  // namespace

void on_surplus(turn& t, const result<void>& outcome) {
  if (!outcome && is_gone(outcome.error()))
    return settle(t);
  if (!outcome && !is_refusal(outcome.error()))
    return retry_surplus(t, outcome.error());
  t.self.surplus_accepted = outcome.has_value();
  t.call_now(operation::read_surplus);
}

void on_surplus_read(turn& t, const result<deployment>& found) {
  if (found && is_live(*found))
    return retry_surplus(t, {.kind = fault::refused, .text = "still \"" + found->status + "\""});
  // An accepted rollback whose status nobody may read is as settled as it will ever be.
  const bool is_settled =
      found || is_gone(found.error()) || (t.self.surplus_accepted && is_refusal(found.error()));
  if (is_settled)
    return settle(t);
  retry_surplus(t, found.error());
}

}  // namespace canaryd::canary
