// cognigy_driver::poll: whether the canary is still what was deployed, and its metrics.

#include "canaryd/async/both.hpp"
#include "canaryd/job/whole_units.hpp"
#include "canaryd/platform/answer.hpp"
#include "canaryd/platform/cognigy/cognigy_driver.hpp"
#include "canaryd/text/text.hpp"

#include <fmt/format.h>

#include "driver_errors.hpp"
#include "preflight.hpp"
#include <algorithm>
#include <utility>

namespace canaryd::platform::cognigy {
namespace {

// What a poll waits at most for an API that has told of the canary's endpoint before.
constexpr duration confirmation_lasts = std::chrono::seconds{5};

// What of the canary's endpoint is not as it was deployed.
std::optional<std::string> find_change(const route& way, const endpoint& canary,
                                       std::string_view snapshot) {
  if (!snapshot.empty() && canary.entrypoint != snapshot)
    return fmt::format("the canary endpoint has {}, and not {}: somebody else has changed it",
                       canary.entrypoint, snapshot);
  return find_problem(way, canary, "canary endpoint");
}

wall_time wall_of(instant when) {
  return async::clock::wall_now() -
         std::chrono::duration_cast<wall_time::duration>(async::clock::now() - when);
}

}  // namespace

struct cognigy_driver::reading {
  std::optional<job::whole_units> counted;
  instant deadline;
  duration window{};
  instant asked_at;

  // The next time when the sources may be asked.
  instant chance() const {
    const auto now = async::clock::now();
    return counted ? job::next_chance(*counted, now) : now;
  }
  // Where the window ends that they are asked for.
  instant end() const { return counted ? counted->from + window : asked_at; }
};

async::task<poll_answer> cognigy_driver::poll(const target& where, metrics_query query) {
  reading taken{.counted = std::nullopt, .window = query.window};
  if (query.counted_from)
    taken.counted = job::whole_units{.from = *query.counted_from, .unit = terms().window_unit};
  co_await async::sleep_until(taken.chance());
  const auto begun = async::clock::now();
  taken.asked_at = begun;
  taken.deadline = begun + std::min<duration>(query.time, std::chrono::hours{24});
  if (taken.counted)
    taken.window = job::ended_units(*taken.counted, begun);
  if (query.on_sent)
    query.on_sent();
  auto sample = co_await read_arm(where, query, taken);
  if (!sample)
    co_return poll_answer{std::unexpected{std::move(sample).error()}, taken.window, begun};
  co_return poll_answer{judge::sourced_sample{.sample = *std::move(sample)}, taken.window,
                        taken.asked_at};
}

result<cognigy_driver::subject> cognigy_driver::find_polled(const target& where,
                                                            const std::string& id) const {
  if (!id.empty())
    return find_subject(call::metrics, where, id);
  auto way = find_way(call::metrics, where);
  if (!way)
    return std::unexpected{std::move(way).error()};
  return subject{.way = *std::move(way), .key = {}};
}

cognigy_driver::sample_task cognigy_driver::read_arm(const target& where,
                                                     const metrics_query& query, reading& taken) {
  const errand why{.which = call::metrics, .rank = priority::poll, .deadline = taken.deadline};
  auto about = find_polled(where, query.deployment_id);
  if (!about)
    co_return std::unexpected{std::move(about).error()};
  const bool is_canary = query.of == arm::canary;
  if (is_canary && query.canary_percent) {
    if (const auto kept = co_await keep_share(about->way, *query.canary_percent); !kept)
      co_return std::unexpected{kept.error()};
  }
  const auto served = co_await known_endpoint(why, *about, query.of);
  if (!served)
    co_return std::unexpected{served.error()};
  if (is_canary && about->key.snapshot.empty())
    about->key = {.canary_endpoint = served->found.id, .snapshot = served->found.entrypoint};
  // A late request would count conversations twice.
  co_await async::sleep_until(taken.chance());
  if (!is_canary || served->is_new)
    co_return co_await read_sources(where, query, *about, served->found, taken);
  auto [sample, confirmed] = co_await async::both(
      read_sources(where, query, *about, served->found, taken), confirm_canary(why, *about));
  if (!confirmed)
    co_return std::unexpected{confirmed.error()};
  co_return std::move(sample);
}

cognigy_driver::sample_task cognigy_driver::read_sources(const target& where,
                                                         const metrics_query& query,
                                                         const subject& about,
                                                         const endpoint& served, reading& taken) {
  taken.asked_at = async::clock::now();
  if (taken.asked_at >= taken.deadline)
    co_return std::unexpected{out_of_time(call::metrics)};
  if (taken.counted)
    taken.window = job::ended_units(*taken.counted, taken.asked_at);
  const bool is_canary = query.of == arm::canary;
  const auto to = wall_of(taken.end());
  metrics::arm_query asked{
      .bot_id = where.bot_id,
      .environment_id = where.environment_id,
      .version = where.version,
      .deployment_id = about.key.snapshot.empty() ? std::string{} : to_text(about.key),
      .arm = is_canary ? "canary" : "stable",
      .endpoint_token = served.url_token,
      // Whatever the stable arm serves is the stable arm.
      .snapshot_id = is_canary ? about.key.snapshot : std::string{},
      .further = query.further,
      .from = to - std::chrono::duration_cast<wall_time::duration>(taken.window),
      .to = to,
      .time = taken.deadline - taken.asked_at};
  auto sample = co_await reader_.read(std::move(asked));
  if (sample)
    poll_times_.note(async::clock::now() - taken.asked_at);
  co_return sample;
}

async::task<result<cognigy_driver::served_endpoint>> cognigy_driver::known_endpoint(errand why,
                                                                                    subject about,
                                                                                    arm which) {
  const bool is_canary = which == arm::canary;
  const auto& known = memory_of(about.way);
  const auto& remembered = is_canary ? known.canary : known.stable;
  const auto find_fault = [&about, is_canary](const endpoint& found) {
    return is_canary ? find_change(about.way, found, about.key.snapshot)
                     : find_problem(about.way, found, "stable endpoint");
  };
  if (remembered && !find_fault(*remembered))
    co_return served_endpoint{.found = *remembered, .is_new = false};
  auto found = is_canary ? read_canary(why, about.way) : read_stable(why, about.way);
  auto served = co_await std::move(found);
  if (!served)
    co_return std::unexpected{std::move(served).error()};
  if (const auto fault_found = find_fault(*served))
    co_return refuse(why.which, *fault_found);
  co_return served_endpoint{.found = *std::move(served), .is_new = true};
}

// Fails only where the API says that the endpoint is not as it was deployed. Where the API does not
// answer, the sources may nevertheless.
async::task<result<void>> cognigy_driver::confirm_canary(errand why, subject about) {
  const auto begun = async::clock::now();
  why.deadline =
      std::min(why.deadline, begun + std::min(confirmation_lasts, confirm_times_.longest()));
  const auto canary = co_await read_canary(why, about.way);
  if (canary || canary.error().status != 0)
    confirm_times_.note(async::clock::now() - begun);
  else
    confirm_times_.note_silence();
  if (!canary && canary.error().status == 404)
    co_return std::unexpected{canary.error()};
  if (!canary)
    co_return result<void>{};
  if (const auto change = find_change(about.way, *canary, about.key.snapshot))
    co_return refuse(why.which, *change);
  co_return result<void>{};
}

}  // namespace canaryd::platform::cognigy
