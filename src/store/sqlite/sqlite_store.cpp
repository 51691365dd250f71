#include "canaryd/store/sqlite/sqlite_store.hpp"

#include "changes.hpp"
#include "kept_members.hpp"
#include "queries.hpp"
#include "state_file.hpp"
#include "writer.hpp"
#include <utility>

namespace canaryd::store {
namespace {

// Runs `work` with the connection on the writer's thread and returns its result. Does not use the
// writer after it was suspended, because the store may be gone by then.
template <class T>
async::task<result<T>> perform(writer& on, access needs,
                               std::move_only_function<result<T>(connection&)> work) {
  auto answer = std::make_shared<result<T>>();
  request asked{needs, [answer, work = std::move(work)](connection& state) mutable {
                  *answer = work(state);
                  return *answer ? result<void>{} : result<void>{std::unexpected{answer->error()}};
                }};
  auto outcome = co_await on.perform(std::move(asked));
  if (!outcome)
    co_return std::unexpected{std::move(outcome.error())};
  co_return std::move(*answer);
}

}  // namespace

sqlite_store::sqlite_store(sqlite_options options, std::unique_ptr<writer> opened,
                           std::size_t undelivered, std::optional<set_aside_state> set_aside)
    : options_{std::move(options)},
      boot_id_{options_.time.boot_id()},
      set_aside_{std::move(set_aside)},
      undelivered_{std::make_shared<std::size_t>(undelivered)},
      kept_{std::make_shared<kept_members>()},
      writer_{std::move(opened)} {}

sqlite_store::~sqlite_store() = default;

moment sqlite_store::now() const {
  return {boot_id_, options_.time.now(), options_.time.wall_now()};
}

async::task<result<unfinished>> sqlite_store::unfinished_jobs() {
  return perform<unfinished>(*writer_, access::read,
                             [now = now(), kept = kept_](connection& state) {
                               return result<unfinished>{find_unfinished(state, now, *kept)};
                             });
}

async::task<result<std::vector<job_record>>> sqlite_store::ended_before_this_boot() {
  using jobs = std::vector<job_record>;
  return perform<jobs>(*writer_, access::read, [now = now()](connection& state) {
    return result<jobs>{find_ended_before(state, now)};
  });
}

async::task<result<std::optional<job_record>>> sqlite_store::find(std::string job_id) {
  using found = std::optional<job_record>;
  return perform<found>(*writer_, access::read,
                        [now = now(), job_id = std::move(job_id)](connection& state) {
                          return find_job(state, job_id, now);
                        });
}

async::task<result<std::vector<judge::reading>>> sqlite_store::readings_of(std::string job_id,
                                                                           std::size_t limit) {
  using readings = std::vector<judge::reading>;
  return perform<readings>(*writer_, access::read,
                           [limit, job_id = std::move(job_id)](connection& state) {
                             return result<readings>{find_readings(state, job_id, limit)};
                           });
}

async::task<result<name_history>> sqlite_store::history_of(std::string stem) {
  return perform<name_history>(*writer_, access::read, [stem = std::move(stem)](connection& state) {
    return result<name_history>{find_history(state, stem)};
  });
}

async::task<result<std::vector<std::string>>> sqlite_store::owned_by_others(
    std::string platform, std::string job_id, std::vector<std::string> deployment_ids) {
  using ids = std::vector<std::string>;
  return perform<ids>(*writer_, access::read,
                      [platform = std::move(platform), job_id = std::move(job_id),
                       asked = std::move(deployment_ids)](connection& state) {
                        return result<ids>{find_owned_by_others(state, platform, job_id, asked)};
                      });
}

async::task<result<void>> sqlite_store::add(job_record accepted) {
  request asked{access::synced_write,
                [now = now(), accepted = std::move(accepted)](connection& state) {
                  return add_job(state, accepted, now);
                }};
  return writer_->perform(std::move(asked));
}

async::task<result<void>> sqlite_store::commit(transition made) {
  const auto needs = made.is_mere_reading ? access::patient_write : access::synced_write;
  const auto undelivered = undelivered_;
  const auto added = co_await perform<std::size_t>(
      *writer_, needs, [now = now(), made = std::move(made), kept = kept_](connection& state) {
        return commit_transition(state, made, now, *kept);
      });
  if (!added)
    co_return std::unexpected{added.error()};
  *undelivered += *added;
  co_return result<void>{};
}

async::task<result<std::vector<delivery>>> sqlite_store::due_deliveries(due_question asked) {
  using deliveries = std::vector<delivery>;
  return perform<deliveries>(*writer_, access::read, [asked = std::move(asked)](connection& state) {
    return result<deliveries>{find_due(state, asked)};
  });
}

async::task<result<std::vector<std::string>>> sqlite_store::waiting_destinations() {
  using names = std::vector<std::string>;
  return perform<names>(*writer_, access::read, [](connection& state) {
    return result<names>{find_waiting_destinations(state)};
  });
}

async::task<result<void>> sqlite_store::settle_delivery(std::int64_t sequence,
                                                        std::optional<std::string> refusal) {
  // If the mark is lost, the delivery goes out again. Its id makes that harmless.
  const auto undelivered = undelivered_;
  const auto settled = co_await perform<bool>(
      *writer_, access::write,
      [sequence, refusal = std::move(refusal), at = options_.time.wall_now()](connection& state) {
        return result<bool>{settle(state, sequence, refusal, at)};
      });
  if (!settled)
    co_return std::unexpected{settled.error()};
  if (*settled)
    --*undelivered;
  co_return result<void>{};
}

async::task<result<void>> sqlite_store::postpone_delivery(std::int64_t sequence,
                                                          wall_time next_at) {
  request asked{access::patient_write, [sequence, next_at](connection& state) {
                  postpone(state, sequence, next_at);
                  return result<void>{};
                }};
  return writer_->perform(std::move(asked));
}

async::task<result<std::size_t>> sqlite_store::prune(wall_time older_than) {
  std::size_t total = 0;
  for (;;) {
    const auto removed =
        co_await perform<std::size_t>(*writer_, access::write, [older_than](connection& state) {
          return result<std::size_t>{prune_some(state, older_than)};
        });
    if (!removed)
      co_return std::unexpected{removed.error()};
    if (*removed == 0)
      co_return total;
    total += *removed;
  }
}

async::task<result<void>> sqlite_store::restore_file() {
  return writer_->perform({.needs = access::read, .run = {}, .renew = rewrite_state});
}

result<std::unique_ptr<sqlite_store>> open_sqlite_store(async::executor ex,
                                                        const std::filesystem::path& state_db,
                                                        sqlite_options options) {
  auto opened = open_state(state_db, options.time.wall_now());
  if (!opened)
    return std::unexpected{std::move(opened.error())};
  const auto undelivered = count_undelivered(*opened->state);
  if (const auto counted = opened->state->outcome(); !counted)
    return std::unexpected{counted.error()};
  auto thread = std::make_unique<writer>(
      ex, transactor{std::move(opened->state), options.waits_for_disk, options.hooks});
  if (!options.inline_writer) {
    if (const auto started = thread->start(); !started)
      return std::unexpected{started.error()};
  }
  return std::make_unique<sqlite_store>(std::move(options), std::move(thread), undelivered,
                                        std::move(opened->set_aside));
}

}  // namespace canaryd::store
