#include "operator_at_work.hpp"

#include "canaryd/async/clock.hpp"

namespace canaryd::simulation {
namespace {

constexpr std::chrono::seconds repeat_after{5};

}  // namespace

void operator_at_work::order(std::string job_id, canary::command_kind what) {
  orders_.push_back({std::move(job_id), {.what = what, .actor = "operator(1000)"}});
  bell_.ring();
}

void operator_at_work::order_in(std::string_view state, std::string job_id,
                                canary::command_kind what) {
  order(std::move(job_id), what);
  orders_.back().given.expect_state = state;
  orders_.back().until_done = true;
}

void operator_at_work::visit(daemon::app& app) {
  visit_ = std::make_unique<async::task_group>(executor_);
  visit_->spawn(insist(app));
}

void operator_at_work::leave() {
  if (visit_)
    visit_->cancel();
}

async::task<> operator_at_work::insist(daemon::app& app) {
  for (;;) {
    while (!orders_.empty()) {
      const auto wanted = orders_.front();
      const auto outcome = co_await app.command(wanted.job_id, wanted.given);
      const bool is_early = wanted.until_done && outcome.effect == canary::command_effect::refused;
      if (is_early || outcome.effect == canary::command_effect::not_written)
        co_await async::sleep_for(repeat_after);
      else
        orders_.pop_front();
    }
    co_await bell_.wait();
  }
}

}  // namespace canaryd::simulation
