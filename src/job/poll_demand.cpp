#include "canaryd/job/poll_demand.hpp"

namespace canaryd::job {

duration time_between_polls(const job& read) {
  return compares_with_stable(read) ? read.validation_interval / 2 : read.validation_interval;
}

std::int64_t readings_in(const job& read, duration hold) {
  return (hold + read.validation_interval - duration{1}) / read.validation_interval;
}

double polls_asked_for(const job& read, const call_budget& budget) {
  using seconds = std::chrono::duration<double>;
  return seconds{budget.per} / seconds{time_between_polls(read)};
}

}  // namespace canaryd::job
