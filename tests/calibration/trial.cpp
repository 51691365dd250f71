#include "trial.hpp"

#include "canaryd/canary/canary.hpp"

#include <stdexcept>
#include <utility>

namespace canaryd::calibration {
namespace {

using canary::operation;

// Everything that the canary asks for works.
canary::event answer_to(operation what) {
  switch (what) {
    case operation::look_up:
      return canary::looked_up{};
    case operation::deploy:
      return canary::deploy_answered{"dep-1"};
    case operation::read_status:
      return canary::status_read{canary::deployment{.id = "dep-1", .status = "active"}};
    case operation::change_traffic:
      return canary::traffic_changed{};
    default:
      throw std::logic_error{"a calm canary does not ask for that"};
  }
}

class trial {
 public:
  trial(const job::job& spec, const behaviour& how, std::uint64_t seed)
      : spec_{spec},
        current_{canary::make_canary("calibration", "u1", spec)},
        traffic_{how, spec.validation_interval, seed} {
    at_.now = instant{std::chrono::hours{1}};
    at_.window_unit = spec.validation_interval;
  }

  verdict_on_canary run() {
    happens(canary::accepted{});
    while (!is_decided()) {
      if (current_.next_call)
        happens(answer_to(operation_of(current_.next_call->what_for)));
      else
        read();
    }
    return {state_of(current_) == canary::canary_state::rolling_back, at_.now - deployed_at_};
  }

 private:
  bool is_decided() const {
    return state_of(current_) == canary::canary_state::promoting ||
           state_of(current_) == canary::canary_state::rolling_back;
  }

  void happens(const canary::event& what) {
    current_ = canary::advance(spec_, std::move(current_), what, at_).next;
  }

  void read() {
    const auto& step = spec_.steps[static_cast<std::size_t>(current_.hold.step)];
    while (at_.now < current_.hold.next_due) {
      traffic_.pass(step.canary_percent);
      at_.now += spec_.validation_interval;
    }
    const auto counted = canary::counted_from(spec_, current_);
    const auto window = counted ? at_.now - *counted
                                : canary::poll_window(spec_, current_, spec_.validation_interval);
    canary::poll_answered told{judge::sourced_sample{traffic_.canary(window)}, window,
                               current_.hold.step};
    if (job::compares_with_stable(spec_)) {
      told.stable = judge::sourced_sample{traffic_.stable(window)};
      told.stable_window = window;
    }
    happens(told);
  }

  const job::job& spec_;
  canary::canary current_;
  canary::context at_;
  const instant deployed_at_{std::chrono::hours{1}};
  traffic traffic_;
};

}  // namespace

verdict_on_canary try_canary(const job::job& spec, const behaviour& how, std::uint64_t seed) {
  return trial{spec, how, seed}.run();
}

}  // namespace canaryd::calibration
