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

// What a poll waits for an API that has told of the canary's endpoint before.
constexpr duration confirmation_lasts = std::chrono::seconds{5};

std::string share_text(basis_points share) {
  return text::shortest_decimal(to_percent(share)) + "%";
}

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
  poll_times_.note(async::clock::now() - begun);
  co_return poll_answer{judge::sourced_sample{.sample = *std::move(sample)}, taken.window,
                        taken.asked_at};
}

cognigy_driver::sample_task cognigy_driver::read_arm(const target& where,
                                                     const metrics_query& query, reading& taken) {
  const errand why{.which = call::metrics, .rank = priority::poll, .deadline = taken.deadline};
  const auto way = find_way(why.which, where);
  if (!way)
    co_return std::unexpected{way.error()};
  subject about{.way = *way, .key = {}};
  if (!query.deployment_id.empty()) {
    auto found = find_subject(why.which, where, query.deployment_id);
    if (!found)
      co_return std::unexpected{std::move(found).error()};
    about = *std::move(found);
  }
  const bool is_canary = query.of == arm::canary;
  if (is_canary && query.canary_percent) {
    const auto wanted = to_basis_points(*query.canary_percent);
    if (!wanted)
      co_return std::unexpected{in_call(why.which, wanted.error())};
    if (const auto kept = co_await keep_share(*way, *wanted); !kept)
      co_return std::unexpected{kept.error()};
  }
  auto& known = memory_of(*way);
  const bool was_known = is_canary ? known.canary.has_value() : known.stable.has_value();
  const auto served = co_await known_endpoint(why, *way, query.of);
  if (!served)
    co_return std::unexpected{served.error()};
  if (is_canary && !was_known) {
    if (const auto change = find_change(*way, *served, about.key.snapshot))
      co_return refuse(why.which, *change);
  }
  if (about.key.snapshot.empty())
    about.key = {.canary_endpoint = way->at.canary_endpoint,
                 .snapshot = is_canary ? served->entrypoint : std::string{}};
  // A late request would count conversations twice.
  co_await async::sleep_until(taken.chance());
  if (!is_canary || !was_known)
    co_return co_await read_sources(where, query, about, *served, taken);
  auto [sample, confirmed] = co_await async::both(read_sources(where, query, about, *served, taken),
                                                  confirm_canary(why, about));
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
  co_return co_await reader_.read(std::move(asked));
}

async::task<result<endpoint>> cognigy_driver::known_endpoint(errand why, route way, arm which) {
  const auto& known = memory_of(way);
  const auto& remembered = which == arm::canary ? known.canary : known.stable;
  if (remembered)
    co_return *remembered;
  if (which == arm::canary)
    co_return co_await read_canary(why, way);
  co_return co_await read_stable(why, way);
}

// Fails only where the API says that the endpoint is not as it was deployed. Where the API does not
// answer, the sources may nevertheless.
async::task<result<void>> cognigy_driver::confirm_canary(errand why, subject about) {
  why.deadline = std::min(why.deadline, async::clock::now() + confirmation_lasts);
  const auto canary = co_await read_canary(why, about.way);
  if (!canary && canary.error().status == 404)
    co_return std::unexpected{canary.error()};
  if (!canary)
    co_return result<void>{};
  if (const auto change = find_change(about.way, *canary, about.key.snapshot))
    co_return refuse(why.which, *change);
  co_return result<void>{};
}

async::task<result<void>> cognigy_driver::keep_share(route way, basis_points wanted) {
  const auto found = co_await read_share(call::metrics, way);
  if (!found)
    co_return std::unexpected{found.error()};
  auto& known = memory_of(way);
  // A change of this driver's own may be under way.
  const bool is_as_intended = *found == wanted || known.intended == *found;
  if (!is_as_intended)
    co_return co_await restore_share(way, *found, wanted);
  if (known.splitter_start.empty() && *found > 0) {
    const auto counters = co_await read_counters(call::metrics, way.at.canary_backend);
    if (!counters)
      co_return std::unexpected{counters.error()};
    known.splitter_start = counters->start;
  }
  co_return result<void>{};
}

// The share is another. A restart of the splitter has lost it, or somebody else has changed it.
async::task<result<void>> cognigy_driver::restore_share(route way, basis_points found,
                                                        basis_points wanted) {
  auto& known = memory_of(way);
  const auto counters = co_await read_counters(call::metrics, way.at.canary_backend);
  if (!counters)
    co_return std::unexpected{counters.error()};
  // No share may be given back once a rollback or a change has begun.
  if (known.intended && *known.intended != wanted)
    co_return std::unexpected{
        error{.kind = fault::try_again,
              .text = fmt::format("metrics: the share of {} is being changed", way.at.map_key)}};
  // This process may be too young to know. A splitter that gave the canary a share has counted.
  const bool was_restarted = known.splitter_start.empty()
                                 ? counters->sessions == 0 && counters->requests == 0
                                 : counters->start != known.splitter_start;
  if (!was_restarted)
    co_return refuse(call::metrics,
                     fmt::format("the share of {} is {}, and not {}: somebody else has changed it",
                                 way.at.map_key, share_text(found), share_text(wanted)));
  tell_oddity(way, fmt::format("the splitter was restarted: the share of {} is set to {} again",
                               way.at.map_key, share_text(wanted)));
  co_return co_await set_share(call::metrics, way, wanted);
}

}  // namespace canaryd::platform::cognigy
