#include "random_history.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <functional>
#include <map>
#include <random>

namespace canaryd::simulation {
namespace json = boost::json;
namespace {

using namespace std::chrono_literals;
using sim::call;
using sim::fault_kind;

constexpr int most_jobs = 200;
// The time without faults at the end, so that every history ends.
constexpr auto aftermath = 20min;

class author {
 public:
  explicit author(std::uint64_t seed) : engine_{seed ^ 0x5ca1ab1eU}, seed_{seed} {}

  history write() {
    told_.seed = seed_;
    // Usually there are few jobs, and sometimes many.
    const double spread = std::pow(chance(), 2.0);
    const int jobs = static_cast<int>(std::exp(spread * std::log(most_jobs + 0.5)));
    length_ = std::min<duration>(1min + jobs * 20s, 1h);
    write_world();
    write_limits();
    // Then only the machine and the load cause trouble.
    told_.api_never_failed = happens(0.3);
    if (happens(0.3))
      write_load();
    const int bots = std::max(1, static_cast<int>(jobs * (0.3 + 0.7 * chance())));
    for (int number = 1; number <= jobs; ++number)
      write_job(number, whole(1, bots));
    for (int faults = told_.api_never_failed ? 0 : whole(0, 6); faults > 0; --faults)
      told_.world.faults.push_back(make_fault());
    write_troubles();
    write_orders(jobs);
    write_crashes(jobs);
    write_versions();
    if (!told_.api_never_failed)
      write_odd_answers();
    told_.log_is_unread = happens(0.25);
    for (auto& [when, what] : events_)
      told_.occurrences.push_back({when, std::move(what)});
    return std::move(told_);
  }

 private:
  double chance() { return std::uniform_real_distribution<double>{0.0, 1.0}(engine_); }
  bool happens(double probability) { return chance() < probability; }
  int whole(int least, int most) {
    return std::uniform_int_distribution<int>{least, most}(engine_);
  }
  duration some_time(duration most) {
    // Whole milliseconds: shorter times show nothing more and make histories hard to read.
    const auto most_ms = std::chrono::floor<std::chrono::milliseconds>(most).count();
    return std::chrono::milliseconds{
        std::uniform_int_distribution<std::int64_t>{0, most_ms}(engine_)};
  }
  template <class T>
  T one_of(std::initializer_list<T> choices) {
    return choices.begin()[whole(0, static_cast<int>(choices.size()) - 1)];
  }

  void at(duration when, std::function<void(machine&)> what) {
    events_.emplace(when, std::move(what));
  }

  void write_world() {
    auto& world = told_.world;
    world.api.traffic.seed = seed_;
    world.api.honour_idempotency = happens(0.5);
    world.api.traffic.arrivals_per_minute = 30'000;
    // Bad enough that fewer than one in a million looks healthy by chance in its first five
    // seconds.
    world.api.traffic.profiles = {
        {.version = "*-bad", .what = {.error_rate = 0.3}},
        // Scores are so rare that many readings have none.
        {.version = "*-quiet", .what = {.rated = 0.002}},
        {.version = "*-quiet-bad", .what = {.error_rate = 0.3, .rated = 0.002}}};
    world.api.long_numbers = happens(0.5);
    if (happens(0.2))
      world.api.token_lifetime = 1min + some_time(5min);
    world.answer_delay = happens(0.5) ? some_time(500ms) : duration{20ms};
    world.requests_kept = 10;
    write_shapes();
  }

  void write_shapes() {
    auto& api = told_.world.api;
    api.shapes = {
        .lists = one_of({sim::list_shape::items, sim::list_shape::bare}),
        .empty_lists =
            one_of({sim::empty_shape::list, sim::empty_shape::null, sim::empty_shape::null_items,
                    sim::empty_shape::no_body, sim::empty_shape::no_content}),
        .page_size = happens(0.3) ? static_cast<std::size_t>(whole(5, 20)) : 0,
        .pages = one_of({sim::page_shape::url, sim::page_shape::cursor, sim::page_shape::link}),
        .odd_items = happens(0.2)};
    api.traffic.numeric_ids = happens(0.2);
    // Short enough that no other job's canary shares the bot's traffic with this one.
    if (happens(0.3))
      api.promote_delay = some_time(14s);
  }

  // Usually the limits are generous, so that nothing excuses a late poll.
  void write_limits() {
    const bool is_tight = happens(0.2);
    const std::int64_t requests = is_tight ? 1000 : 1'000'000;
    told_.world.limit = sim::request_limit{static_cast<std::size_t>(requests), 5min, true};
    told_.prepare = [requests, is_tight](machine& here) {
      here.settings().api().rate_limit.requests = requests;
      if (is_tight)
        here.seen().excuse_lateness();
    };
  }

  // Adds load: an API that is too slow for the jobs, few connections to it, a busy machine, and a
  // process that is stopped now and then.
  void write_load() {
    const auto prepare = told_.prepare;
    const bool is_slow = happens(0.5);
    if (is_slow)
      told_.world.answer_delay = some_time(8s);
    const auto connections =
        is_slow ? static_cast<std::size_t>(one_of({1, 2, 4, 32})) : std::size_t{32};
    const auto lag = happens(0.3) ? some_time(2s) : duration{};
    told_.prepare = [prepare, connections, lag](machine& here) {
      prepare(here);
      here.settings().api().max_connections = connections;
      here.seen().excuse_lateness();
      if (lag > duration::zero())
        here.slow_down(lag);
    };
    const int stalls = happens(0.5) ? whole(1, 5) : 0;
    // A request that was about to be sent when the process was stopped goes out with an old token.
    if (stalls > 0)
      told_.world.api.stale_token_grace += 4min;
    for (int left = stalls; left > 0; --left)
      at(some_time(length_), [time = some_time(3min)](machine& here) { here.suspend(time); });
  }

  void write_job(int number, int bot) {
    const int interval_s = one_of({5, 10, 20, 30, 60});
    json::object job{{"bot_id", fmt::format("bot_{}", bot)},
                     {"environment_id", "env"},
                     {"version", fmt::format("{}.0{}{}", number, happens(0.2) ? "-quiet" : "",
                                             happens(0.25) ? "-bad" : "")},
                     {"traffic_matrix", json::object{{"stable", 90}, {"canary", 10}}},
                     {"max_traffic_percentage", 50},
                     {"validation_interval", interval_s},
                     {"validation_duration", interval_s * whole(1, 5)},
                     {"failure_limit", one_of({1, 1, 1, 2})},
                     {"provider_error_limit", one_of({2, 3, 10})},
                     {"no_data_limit", one_of({0, 0, 2})},
                     {"gate_timeout", "10m"},
                     {"on_inconclusive", one_of({"extend", "extend", "rollback", "promote"})}};
    if (happens(0.4))
      job["steps"] = make_steps(interval_s);
    if (happens(0.3))
      job["analysis"] = make_analysis();
    job["approve_promotion"] = happens(0.1);
    if (happens(0.2))
      job["webhook_url"] = "https://ci-cd.example.com/hooks/cognigy-canary";
    at(some_time(length_), [name = fmt::format("job-{}.json", number), text = json::serialize(job),
                            slips = happens(0.1)](machine& here) {
      slips ? here.slip_in(name, text) : here.drop(name, text);
    });
  }

  json::array make_steps(int interval_s) {
    json::array steps;
    for (const int percent : {10, 20, 50}) {
      steps.push_back(json::object{{"canary", percent},
                                   {"hold", interval_s * whole(1, 3)},
                                   {"approve", percent > 10 && happens(0.2)}});
    }
    steps.resize(static_cast<std::size_t>(whole(1, 3)));
    return steps;
  }

  json::object make_analysis() {
    const bool is_sequential = happens(0.7);
    json::object analysis{
        {"method", is_sequential ? "sequential" : "threshold"},
        {"compare_to", one_of({"limit", "stable", "both"})},
        {"tolerated_ratio", 2},
        {"hard_limits", json::object{{"error_rate", 0.6}}},
        {"dry_run", json::array{"avg_latency_ms"}},
        {"checks", json::array{json::object{{"metric", "escalation_rate"}, {"max", 0.5}}}}};
    if (happens(0.5))
      analysis["optional"] = json::array{"satisfaction_score"};
    if (is_sequential) {
      analysis["promote_when"] = one_of({"proven", "not_worse"});
      analysis["promote_early"] = happens(0.3);
    }
    return analysis;
  }

  sim::fault make_fault() {
    sim::fault made;
    made.calls = {one_of({call::token, call::deploy, call::metrics, call::metrics, call::promote,
                          call::rollback, call::find_deployments, call::get_deployment, call::audit,
                          call::list_webhooks, call::register_webhook, call::change_traffic})};
    made.kind = one_of({fault_kind::unauthorized, fault_kind::status, fault_kind::status,
                        fault_kind::lost_before, fault_kind::lost_after, fault_kind::lost_after,
                        fault_kind::status_after, fault_kind::slow, fault_kind::html,
                        fault_kind::truncated_json, fault_kind::cut_body});
    if (made.calls.front() == call::metrics && happens(0.5))
      made.kind = one_of({fault_kind::not_a_number, fault_kind::infinite, fault_kind::negative,
                          fault_kind::text_for_number, fault_kind::duplicate_key,
                          fault_kind::missing_metric, fault_kind::null_metric});
    if (made.calls.front() == call::metrics)
      made.metric = one_of<std::string>(
          {"error_rate", "satisfaction_score", "satisfaction_count", "conversation_count"});
    if (made.calls.front() == call::deploy && happens(0.2))
      made.kind = fault_kind::no_id;
    made.rate = 0.05 + 0.75 * chance();
    made.from = some_time(length_);
    made.until = made.from + 10s + some_time(aftermath);
    made.status = one_of({500, 502, 503, 504, 408});
    // The daemon believes a 503, which says that nothing was done.
    if (made.kind == fault_kind::status_after && made.status == 503)
      made.status = 500;
    // Some faults are refusals, but not for audit records, which must arrive.
    if (made.kind == fault_kind::status && made.calls.front() != call::audit &&
        made.calls.front() != call::token && happens(0.3))
      made.status = one_of({400, 403, 404, 409, 422});
    made.delay = some_time(40s);
    if (made.kind == fault_kind::lost_before || made.kind == fault_kind::cut_body)
      made.delay.reset();
    return made;
  }

  // Adds what ordinary servers, proxies and clocks do.
  void write_odd_answers() {
    if (told_.api_never_failed)
      return;
    for (int odd = happens(0.4) ? whole(1, 3) : 0; odd > 0; --odd)
      told_.world.faults.push_back(make_odd_answer());
  }

  sim::fault make_odd_answer() {
    sim::fault made;
    made.kind = one_of({fault_kind::lost_on_reuse, fault_kind::lost_on_reuse, fault_kind::coded,
                        fault_kind::byte_order_mark, fault_kind::odd_expiry, fault_kind::status,
                        fault_kind::rate_limited});
    made.rate = 0.05 + 0.95 * chance();
    made.from = some_time(length_);
    made.until = made.from + 10s + some_time(aftermath);
    made.status = one_of({301, 302, 429, 503});
    made.retry_after_text =
        one_of({"0", "-1", "soon", "Thu, 01 Jan 1970 00:00:00 GMT", "300", "99999999999999999999"});
    made.value = one_of({"\"3600\"", "0", "-1", "999999999", "true", "null"});
    if (made.kind == fault_kind::rate_limited || made.status == 429)
      excuse_lateness();
    return made;
  }

  void excuse_lateness() {
    told_.prepare = [prepare = told_.prepare](machine& here) {
      prepare(here);
      here.seen().excuse_lateness();
    };
  }

  // Adds something that lasts for `time` and then ends.
  void between(duration from, duration time, std::function<void(machine&)> begins,
               std::function<void(machine&)> ends) {
    at(from, std::move(begins));
    at(from + time, std::move(ends));
  }

  void write_troubles() {
    if (!told_.api_never_failed && happens(0.3))
      between(
          some_time(length_), some_time(5min), [](machine& here) { here.transport().cut(1s); },
          [](machine& here) { here.transport().mend(); });
    if (!told_.api_never_failed && happens(0.3))
      at(some_time(length_), [](machine& here) { here.world().revoke_tokens(); });
    if (happens(0.3))
      write_disk_trouble();
    if (happens(0.3)) {
      told_.age_is_uncertain = true;
      at(some_time(length_),
         [by = some_time(12h) - 6h](machine& here) { here.time().clock().step_wall(by); });
    }
    if (happens(0.2))
      at(some_time(length_), [time = some_time(2h)](machine& here) { here.suspend(time); });
    if (happens(0.2))
      at(some_time(length_), [](machine& here) {
        here.stop();
        if (!here.is_up())
          here.start();
      });
    if (happens(0.1))
      write_removed_files();
    else if (happens(0.3))
      write_folder_trouble();
    if (happens(0.2))
      at(some_time(length_), [](machine& here) { here.reload_in_error(); });
    for (int changes = happens(0.3) ? whole(1, 3) : 0; changes > 0; --changes)
      write_change_by_others();
  }

  void write_orders(int jobs) {
    for (int orders = happens(0.5) ? whole(1, 10) : 0; orders > 0; --orders) {
      const auto what = one_of({canary::command_kind::abort, canary::command_kind::pause,
                                canary::command_kind::resume, canary::command_kind::promote,
                                canary::command_kind::approve, canary::command_kind::approve});
      at(some_time(length_), [job = fmt::format("job-{}", whole(1, jobs)), what](machine& here) {
        here.order(job, what);
      });
    }
  }

  void write_disk_trouble() {
    const auto prepare = told_.prepare;
    told_.prepare = [prepare](machine& here) {
      prepare(here);
      // Steps that cannot be written show only when they are tried again. And if a start cannot
      // write after it has planned an overdue reading, the next start plans it again, later by at
      // most the longest interval.
      here.seen().allow_lateness(70s);
    };
    between(
        some_time(length_), some_time(10min),
        [code = one_of({SQLITE_FULL, SQLITE_IOERR, SQLITE_READONLY})](machine& here) {
          here.fail_disk(code);
        },
        [](machine& here) { here.fail_disk(SQLITE_OK); });
  }

  void write_removed_files() {
    told_.files_were_removed = true;
    at(some_time(length_),
       [](machine& here) { std::filesystem::remove_all(here.directory() / "spool"); });
  }

  void write_folder_trouble() {
    for (int folders = whole(1, 2); folders > 0; --folders)
      at(some_time(length_),
         [name = std::string{one_of({"", "incoming", "active", "done", "done", "rejected"})},
          what = one_of({obstacle::loop, obstacle::link_elsewhere, obstacle::file,
                         obstacle::fifo})](machine& here) { here.spoil(name, what); });
    // The obstacles come one after the other or all at once. All are gone by this time.
    at(length_ + some_time(10min), [](machine& here) { here.mend_folders(); });
    between(
        some_time(length_), some_time(5min), [](machine& here) { here.litter(); },
        [](machine& here) { here.sweep_up(); });
  }

  void write_change_by_others() {
    at(some_time(length_ + 5min), [promotes = happens(0.5), pick = chance()](machine& here) {
      const auto& all = here.world().deployments();
      if (all.empty())
        return;
      const auto& id = all[static_cast<std::size_t>(pick * static_cast<double>(all.size()))].id;
      (void)(promotes ? here.world().external_promote(id, here.now())
                      : here.world().external_rollback(id, here.now()));
    });
  }

  static void restart(machine& here) {
    here.stop();
    if (!here.is_up())
      here.start();
  }

  // Adds upgrades and downgrades at all restarts, and a job that a version cannot read for a while.
  void write_versions() {
    told_.changes_versions = happens(0.5);
    if (happens(0.2))
      between(
          some_time(length_), 1min + some_time(15min),
          [pick = chance()](machine& here) {
            here.hide_a_job(pick);
            restart(here);
          },
          [](machine& here) {
            here.show_job();
            restart(here);
          });
  }

  void write_crashes(int jobs) {
    told_.downtime = happens(0.5) ? some_time(10s) : some_time(10min);
    std::exponential_distribution<double> apart{1.0 / (40.0 * jobs)};
    std::uint64_t point = 0;
    for (int crashes = whole(0, 6); crashes > 0; --crashes) {
      point += 1 + static_cast<std::uint64_t>(apart(engine_));
      told_.crashes.push_back({point, happens(0.3) ? loss::power : loss::process});
    }
    told_.age_is_uncertain &=
        std::ranges::find(told_.crashes, loss::power, &crash_point::what) != told_.crashes.end();
  }

  std::mt19937_64 engine_;
  std::uint64_t seed_;
  history told_;
  duration length_{};
  std::multimap<duration, std::function<void(machine&)>> events_;
};

}  // namespace

history make_random_history(std::uint64_t seed) {
  return author{seed}.write();
}

}  // namespace canaryd::simulation
