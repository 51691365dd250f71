// The writes of cognigy_driver: deploy, traffic, promote and rollback.

#include "canaryd/async/turn.hpp"
#include "canaryd/platform/cognigy/cognigy_driver.hpp"
#include "canaryd/text/text.hpp"

#include <fmt/format.h>

#include "driver_errors.hpp"
#include "preflight.hpp"
#include <utility>

namespace canaryd::platform::cognigy {
namespace {

// What is left to do after a rollback is given up then: the next deploy waits for it.
constexpr duration pointing_back_lasts = std::chrono::minutes{1};

}  // namespace

// Marks a route for as long as its canary endpoint is being pointed back.
class cognigy_driver::pointing_back {
 public:
  explicit pointing_back(memory& known) : known_{known} { known_.is_pointing_back = true; }
  ~pointing_back() {
    known_.is_pointing_back = false;
    known_.is_free.ring();
  }
  pointing_back(const pointing_back&) = delete;
  pointing_back& operator=(const pointing_back&) = delete;

 private:
  memory& known_;
};

async::task<result<void>> cognigy_driver::check_backends(call which, route way) {
  for (const auto& backend : {way.at.stable_backend, way.at.canary_backend}) {
    const auto counters = co_await read_counters(which, backend);
    if (!counters)
      co_return std::unexpected{counters.error()};
  }
  co_return result<void>{};
}

// What has to be known before anything is changed.
async::task<result<cognigy_driver::plan>> cognigy_driver::make_plan(errand why, route way,
                                                                    std::string version) {
  const auto share = co_await read_share(why.which, way);
  if (!share)
    co_return std::unexpected{share.error()};
  if (const auto known = co_await know_project(why, way.project_id); !known)
    co_return std::unexpected{known.error()};
  const auto snapshot = co_await client_.find_snapshot(why, way.project_id, version);
  if (!snapshot)
    co_return std::unexpected{snapshot.error()};
  if (!*snapshot)
    co_return refuse(why.which,
                     fmt::format("no snapshot of project {} is called {}, or has that id",
                                 way.project_id, version));
  const auto stable = co_await read_stable(why, way);
  if (!stable)
    co_return std::unexpected{stable.error()};
  const auto canary = co_await read_canary(why, way);
  if (!canary)
    co_return std::unexpected{canary.error()};
  co_return plan{.snapshot = **snapshot, .stable = *stable, .canary = *canary, .share_now = *share};
}

// What has to be right before anything is changed.
async::task<result<void>> cognigy_driver::check_plan(errand why, route way, plan made) {
  if (made.share_now != 0) {
    const auto percent = text::shortest_decimal(to_percent(made.share_now));
    co_return refuse(why.which,
                     fmt::format("the share of {} is {}% already: somebody else's canary is there; "
                                 "set it to 0 if it is nobody's",
                                 way.at.map_key, percent));
  }
  if (const auto problem = find_problem(way, made.stable, made.canary))
    co_return refuse(why.which, *problem);
  if (made.stable.entrypoint == made.snapshot.id)
    co_return refuse(why.which, fmt::format("the stable endpoint has the snapshot {} already",
                                            made.snapshot.name));
  if (const auto backends = co_await check_backends(why.which, way); !backends)
    co_return std::unexpected{backends.error()};
  co_return co_await check_contents(why, made);
}

async::task<result<void>> cognigy_driver::check_contents(errand why, plan made) {
  const auto flows = co_await client_.read_resources(why, made.snapshot.id, "flow");
  if (!flows)
    co_return std::unexpected{flows.error()};
  const auto locales = co_await client_.read_resources(why, made.snapshot.id, "locale");
  if (!locales)
    co_return std::unexpected{locales.error()};
  if (const auto missing = find_missing(made.stable, *flows, *locales))
    co_return refuse(why.which, *missing);
  co_return result<void>{};
}

// The canary endpoint serves what the stable one does, of the snapshot.
async::task<result<void>> cognigy_driver::aim_canary(errand why, route way, plan made) {
  auto aim = aim_of(made.stable);
  aim.entrypoint = made.snapshot.id;
  auto canary = made.canary;
  if (aim_of(canary) != aim) {
    auto pointed = co_await client_.point_endpoint(why, canary.id, aim);
    if (!pointed)
      co_return std::unexpected{std::move(pointed).error()};
    canary = *std::move(pointed);
  }
  if (const auto problem = find_problem(way, made.stable, canary))
    co_return refuse(why.which, *problem);
  auto& known = memory_of(way);
  known.canary = canary;
  known.entrypoint_before = made.stable.entrypoint;
  co_return result<void>{};
}

async::task<result<std::string>> cognigy_driver::deploy(const target& where, const job::job& job,
                                                        std::string) {
  const errand why{.which = call::deploy, .rank = priority::deploy};
  const auto way = find_way(why.which, where);
  if (!way)
    co_return std::unexpected{way.error()};
  const auto wanted = to_basis_points(job.steps.front().canary_percent);
  if (!wanted)
    co_return std::unexpected{in_call(why.which, wanted.error())};
  co_await wait_until_free(*way);
  const auto made = co_await make_plan(why, *way, where.version);
  if (!made)
    co_return std::unexpected{made.error()};
  const auto id = to_text({.canary_endpoint = made->canary.id, .snapshot = made->snapshot.id});
  // An earlier attempt, whose answer was lost, may have done it all. Refusing it now would leave a
  // canary that nobody watches.
  const bool is_done = made->share_now == *wanted && made->canary.entrypoint == made->snapshot.id;
  if (is_done) {
    memory_of(*way).intended = *wanted;
    co_return id;
  }
  if (const auto checked = co_await check_plan(why, *way, *made); !checked)
    co_return std::unexpected{checked.error()};
  if (const auto aimed = co_await aim_canary(why, *way, *made); !aimed)
    co_return std::unexpected{aimed.error()};
  if (const auto shared = co_await set_share(why.which, *way, *wanted); !shared)
    co_return std::unexpected{shared.error()};
  co_return id;
}

async::task<result<void>> cognigy_driver::change_traffic(const target& where, std::string id,
                                                         double canary_percent, std::string,
                                                         priority) {
  const auto about = find_subject(call::change_traffic, where, id);
  if (!about)
    co_return std::unexpected{about.error()};
  const auto wanted = to_basis_points(canary_percent);
  if (!wanted)
    co_return std::unexpected{in_call(call::change_traffic, wanted.error())};
  co_return co_await set_share(call::change_traffic, about->way, *wanted);
}

// Between its two writes both arms serve the new version.
async::task<result<void>> cognigy_driver::promote(const target& where, std::string id,
                                                  judge::metrics_sample, std::string) {
  const errand why{.which = call::promote, .rank = priority::change};
  const auto about = find_subject(why.which, where, id);
  if (!about)
    co_return std::unexpected{about.error()};
  if (const auto aimed = co_await aim_stable(why, *about); !aimed)
    co_return std::unexpected{aimed.error()};
  co_return co_await set_share(why.which, about->way, 0);
}

async::task<result<void>> cognigy_driver::aim_stable(errand why, subject about) {
  const auto& snapshot = about.key.snapshot;
  auto stable = co_await read_stable(why, about.way);
  if (!stable)
    co_return std::unexpected{std::move(stable).error()};
  if (stable->entrypoint == snapshot)
    co_return result<void>{};
  if (const auto problem = find_problem(about.way, *stable, "stable endpoint"))
    co_return refuse(why.which, *problem);
  const auto& before = memory_of(about.way).entrypoint_before;
  if (!before.empty() && stable->entrypoint != before)
    co_return refuse(why.which, fmt::format("the stable endpoint has {}, and had {} at the deploy: "
                                            "somebody else has changed it",
                                            stable->entrypoint, before));
  const auto canary = co_await read_canary(why, about.way);
  if (!canary)
    co_return std::unexpected{canary.error()};
  if (canary->entrypoint != snapshot)
    co_return refuse(why.which, fmt::format("the canary endpoint has {}, and not {}: somebody else "
                                            "has changed it",
                                            canary->entrypoint, snapshot));
  auto aim = aim_of(*stable);
  aim.entrypoint = snapshot;
  auto pointed = co_await client_.point_endpoint(why, stable->id, aim);
  if (!pointed)
    co_return std::unexpected{std::move(pointed).error()};
  memory_of(about.way).stable = *std::move(pointed);
  co_return result<void>{};
}

async::task<result<void>> cognigy_driver::rollback(const target& where, std::string id, std::string,
                                                   judge::metrics_sample, std::string, priority,
                                                   std::function<void()> on_sent) {
  const auto way = find_way(call::rollback, where);
  if (!way)
    co_return std::unexpected{way.error()};
  if (on_sent)
    on_sent();
  const auto is_done = co_await set_share(call::rollback, *way, 0);
  if (!is_done)
    co_return is_done;
  const auto key = parse_deployment_key(id);
  const bool is_known = key && key->canary_endpoint == way->at.canary_endpoint;
  if (is_known && !memory_of(*way).is_pointing_back)
    tasks_.spawn(point_back(*way, key->snapshot));
  co_return is_done;
}

async::task<> cognigy_driver::wait_until_free(route way) {
  auto& known = memory_of(way);
  while (known.is_pointing_back)
    co_await known.is_free.wait();
}

// The canary endpoint serves again what the stable one does. Nobody waits for it, and its failure
// does no harm: there is no traffic.
async::task<> cognigy_driver::point_back(route way, std::string snapshot) {
  auto& known = memory_of(way);
  const pointing_back mark{known};
  co_await async::take_turn();
  const errand why{.which = call::rollback,
                   .rank = priority::record,
                   .deadline = async::clock::now() + pointing_back_lasts};
  const auto canary = co_await read_canary(why, way);
  const auto stable = co_await read_stable(why, way);
  if (!canary || !stable)
    co_return tell_oddity(way, fmt::format("the canary endpoint is not pointed back: {}",
                                           canary ? stable.error().text : canary.error().text));
  if (canary->entrypoint != snapshot || stable->entrypoint == snapshot)
    co_return;
  const auto share = co_await read_share(why.which, way);
  if (!share || *share != 0)
    co_return;
  const auto pointed = co_await client_.point_endpoint(why, canary->id, aim_of(*stable));
  if (!pointed)
    co_return tell_oddity(
        way, fmt::format("the canary endpoint is not pointed back: {}", pointed.error().text));
  known.canary = *pointed;
}

}  // namespace canaryd::platform::cognigy
