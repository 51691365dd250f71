#include "ledger.hpp"

#include "canaryd/async/clock.hpp"
#include "canaryd/judge/judge.hpp"
#include "canaryd/text/duration_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace canaryd::simulation {
namespace {

constexpr duration request_timeout = std::chrono::seconds{30};

bool is_watched_state(canary::canary_state state) {
  return state == canary::canary_state::observing || state == canary::canary_state::paused ||
         state == canary::canary_state::waiting_approval ||
         state == canary::canary_state::promoting;
}

// Readings before and after a traffic change may be written together. The windows of the later ones
// begin at the change.
std::int32_t step_of(const judge::reading& taken, std::int32_t step_before,
                     const canary::hold_progress& hold) {
  const auto since_change = async::clock::now() - hold.since;
  return taken.window > since_change + std::chrono::seconds{1} ? step_before : hold.step;
}

// The bot that a query asks about; empty for any other request.
std::string_view bot_of(std::string_view target) {
  constexpr std::string_view key = "botId=";
  const auto at = target.find(key);
  if (at == std::string_view::npos || target.find("/metrics/") == std::string_view::npos)
    return {};
  const auto begin = at + key.size();
  return target.substr(begin, target.find('&', begin) - begin);
}

}  // namespace

duration ledger::running_time(instant now) const {
  return ran_before_ + (up_since_ ? now - *up_since_ : duration::zero());
}

void ledger::went_down(instant now) {
  ran_before_ = running_time(now);
  up_since_.reset();
}

void ledger::restarted(const store::unfinished& found, instant now) {
  up_since_ = now;
  knows_answers_at_ = ran_before_ + 3 * request_timeout;
  const auto before = std::exchange(watched_, {});
  // The daemon cannot watch these jobs.
  for (const auto& lost : found.unreadable)
    jobs_.at(lost.job_id).looked_at.reset();
  for (const auto& job : found.jobs) {
    const auto known = jobs_.find(job.canary.job_id);
    if (known == jobs_.end())
      continue;
    auto& entry = known->second;
    entry.state = state_of(job.canary);
    // A loss of power may have undone readings.
    entry.breaches = job.canary.hold.breaches;
    entry.readings = canary::total(job.canary.readings);
    entry.gathered.forget_after(entry.readings);
    if (!is_watched_state(entry.state)) {
      entry.looked_at.reset();
      continue;
    }
    if (!entry.looked_at)
      entry.looked_at = running_time(now);
    watched_[entry.spec.bot_id] = entry.job_id;
  }
}

void ledger::complain(const entry& about, std::string what) {
  const auto at = async::clock::now().time_since_epoch() - std::chrono::hours{1};
  problems_.push_back(
      fmt::format("{} at {}: {}", about.job_id, text::format_duration(at), std::move(what)));
}

void ledger::look(entry& at) {
  if (!at.looked_at)
    return;
  const auto now = running_time(async::clock::now());
  const auto gap = now - *std::exchange(at.looked_at, now);
  // The daemon gives up a request after a multiple of the usual answering time. A daemon that has
  // just started does not know that time and waits for the whole timeout.
  const auto patience = now < knows_answers_at_ ? request_timeout : 4 * longest_answer_;
  if (lateness_counts_ && gap > 2 * at.spec.validation_interval + slack_ + patience)
    complain(at, "not looked at for " + text::format_duration(gap));
}

void ledger::stop_watching(entry& at) {
  look(at);
  at.looked_at.reset();
  watched_.erase(at.spec.bot_id);
}

void ledger::sent(const net::request& message) {
  const auto& target = message.target.target;
  // Without a token no canary can be looked at, so asking for one counts as the attempt.
  if (target.find("/oauth/") != std::string::npos) {
    for (const auto& [bot, job] : watched_)
      look(jobs_.at(job));
  } else if (const auto found = watched_.find(bot_of(target)); found != watched_.end()) {
    look(jobs_.at(found->second));
  }
}

void ledger::accepted(const store::job_record& job) {
  auto& added = jobs_[job.canary.job_id];
  added.job_id = job.canary.job_id;
  added.spec = job.spec;
  added.state = state_of(job.canary);
}

void ledger::decided(const store::transition& made) {
  auto& job = jobs_.at(made.canary.job_id);
  if (!made.readings.empty())
    look(job);
  if (job.looked_at && !is_watched_state(state_of(made.canary)))
    stop_watching(job);
}

void ledger::count(entry& at, const judge::reading& taken) {
  if (taken.outcome == judge::verdict::pass)
    at.breaches = 0;
  else if (taken.outcome == judge::verdict::breach)
    ++at.breaches;
  if (at.breaches >= at.spec.failure_limit || judge::is_past_hard_limit(taken) ||
      judge::is_rejected(taken))
    at.must_roll_back = true;
}

void ledger::committed(const store::transition& made) {
  auto& job = jobs_.at(made.canary.job_id);
  const auto before = std::exchange(job.state, state_of(made.canary));
  if (canary::is_final(job.state))
    job.ended_at = async::clock::now();
  for (const auto& reading : made.readings) {
    if (reading.number <= job.readings)
      continue;
    count(job, reading.taken);
    job.gathered.note(step_of(reading.taken, job.step, made.canary.hold), reading);
    job.readings = reading.number;
  }
  // A traffic change starts a new count.
  if (std::exchange(job.step, made.canary.hold.step) != made.canary.hold.step)
    job.breaches = made.canary.hold.breaches;
  if (evidence_counts_) {
    if (auto problem = job.gathered.problem_with(made.canary))
      complain(job, *std::move(problem));
  }
  if (canary::is_final(before))
    complain(job, "changed after its end");
  if (is_watched_state(job.state) && !job.looked_at) {
    job.looked_at = running_time(async::clock::now());
    watched_[job.spec.bot_id] = job.job_id;
  }
  if (job.state == canary::canary_state::promoting && before != canary::canary_state::promoting) {
    const auto verdict =
        made.canary.newest ? made.canary.newest->outcome : judge::verdict::provider_error;
    const bool without_data = why_of(made.canary) == canary::reason::inconclusive &&
                              job.spec.on_inconclusive == job::inconclusive_rule::promote &&
                              verdict == judge::verdict::no_data;
    // If steps were written together, the last reading may be later than the one that decided.
    const bool passed =
        verdict == judge::verdict::pass ||
        std::ranges::any_of(made.readings, [](const store::numbered_reading& reading) {
          return reading.taken.outcome == judge::verdict::pass;
        });
    const bool by_operator = why_of(made.canary) == canary::reason::operator_promote;
    if (!passed && !without_data && !by_operator)
      complain(job, "is promoted without a passing reading");
    if (job.must_roll_back)
      complain(job, "is promoted after a breach past its limit");
  }
}

}  // namespace canaryd::simulation
