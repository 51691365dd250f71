// The splitter's share: reading, setting and keeping it.

#include "canaryd/platform/cognigy/cognigy_driver.hpp"
#include "canaryd/text/text.hpp"

#include <fmt/format.h>

#include "driver_errors.hpp"
#include <utility>

namespace canaryd::platform::cognigy {
namespace {

// What the splitter said, with what it was asked about.
error about_key(call which, const route& way, error problem) {
  problem.text = fmt::format("{}: the splitter's share of {}: {}", to_string(which), way.at.map_key,
                             problem.text);
  return problem;
}

std::string share_text(basis_points share) {
  return text::shortest_decimal(to_percent(share)) + "%";
}

}  // namespace

async::task<result<basis_points>> cognigy_driver::read_share(call which, route way) {
  auto share = co_await splitter_.read_share(way.at.map_key);
  if (!share)
    co_return std::unexpected{about_key(which, way, std::move(share).error())};
  if (*share < 0 || *share > all_sessions)
    co_return std::unexpected{
        about_key(which, way, {.kind = fault::malformed, .text = "it is out of its bounds"})};
  co_return share;
}

async::task<result<void>> cognigy_driver::set_share(call which, route way, basis_points share) {
  auto& known = memory_of(way);
  known.intended = share;
  const auto is_set = co_await splitter_.set_share(way.at.map_key, share);
  if (!is_set)
    co_return std::unexpected{about_key(which, way, is_set.error())};
  if (share == 0)
    co_return result<void>{};
  // From now on a restart can be told from somebody else's change.
  const auto counters = co_await splitter_.read_counters(way.at.canary_backend);
  known.splitter_start = counters ? counters->start : std::string{};
  co_return result<void>{};
}

async::task<result<backend_counters>> cognigy_driver::read_counters(call which,
                                                                    std::string backend) {
  auto counters = co_await splitter_.read_counters(backend);
  if (counters)
    co_return counters;
  auto problem = std::move(counters).error();
  problem.text =
      fmt::format("{}: the splitter's backend {}: {}", to_string(which), backend, problem.text);
  co_return std::unexpected{std::move(problem)};
}

async::task<result<bool>> cognigy_driver::has_lost_share(call which, route way) {
  const auto& known = memory_of(way);
  const auto start = known.splitter_start;
  if (known.intended.value_or(0) == 0 || start.empty())
    co_return false;
  const auto counters = co_await read_counters(which, way.at.canary_backend);
  if (!counters)
    co_return std::unexpected{counters.error()};
  // A rollback may have come in between.
  const bool is_wanted_still = known.intended.value_or(0) > 0;
  co_return is_wanted_still && counters->start != start;
}

async::task<result<void>> cognigy_driver::keep_share(route way, double canary_percent) {
  const auto wanted = to_basis_points(canary_percent);
  if (!wanted)
    co_return std::unexpected{in_call(call::metrics, wanted.error())};
  const auto found = co_await read_share(call::metrics, way);
  if (!found)
    co_return std::unexpected{found.error()};
  auto& known = memory_of(way);
  // A change of this driver's own may be under way.
  const bool is_as_intended = *found == *wanted || known.intended == *found;
  if (!is_as_intended)
    co_return co_await restore_share(way, *found, *wanted);
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
