#include "canaryd/daemon/app.hpp"

#include "canaryd/async/turn.hpp"
#include "canaryd/daemon/config/reload.hpp"
#include "canaryd/daemon/control/live_events.hpp"
#include "canaryd/daemon/intake/settlement.hpp"
#include "canaryd/daemon/options.hpp"
#include "canaryd/daemon/tell/delivery_log.hpp"
#include "canaryd/daemon/tell/log.hpp"
#include "canaryd/daemon/tell/status_line.hpp"
#include "canaryd/delivery/audit_payload.hpp"

#include <fmt/format.h>

namespace canaryd::daemon {
namespace {

constexpr std::chrono::hours prune_interval{1};
constexpr std::chrono::seconds spool_retry{5};

// Returns 128 random bits, which are unique among all jobs of all daemons.
std::string make_uid(const std::function<double()>& random) {
  std::string uid;
  for (int word = 0; word < 4; ++word)
    uid += fmt::format("{:08x}", static_cast<std::uint32_t>(random() * 4294967296.0));
  return uid;
}

}  // namespace

app::app(async::executor ex, app_inputs inputs)
    : settings_{std::move(inputs.settings)},
      store_{inputs.store},
      random_{std::move(inputs.random)},
      bell_{ex},
      on_failure_{[this] { stop(); }},
      measures_{settings_.limits.max_job_series},
      platforms_{settings_,
                 inputs.keys,
                 std::move(inputs.transports),
                 {.ex = ex, .measures = measures_, .random = random_, .on_failure = on_failure_}},
      state_guard_{std::filesystem::path{settings_.state_dir} / "state.db",
                   std::move(inputs.restore_state)},
      events_{ex},
      audit_file_{ex, settings_.audit.file,
                  std::filesystem::path{settings_.state_dir} / "audit-last-line.json",
                  inputs.audit_work},
      deliveries_{ex, store_, random_, [](const delivery::report& what) { tell(what); }},
      folder_{inputs.folder ? std::move(inputs.folder)
                            : std::make_shared<jobs_folder>(spool{settings_.jobs_dir})},
      spool_{folder_->where()},
      supervisor_{ex, make_services(), spool_, make_supervisor_options(settings_), on_failure_},
      abandoned_{ex,
                 make_services(),
                 spool_,
                 make_jobs_under_way(),
                 [this] { return make_uid(random_); },
                 on_failure_},
      intake_{spool_, store_, [this] { return make_uid(random_); },
              [this](store::job_record job) { accept(std::move(job)); }},
      inbox_{ex, *folder_, intake_, [this] { return supervisor_.has_room(); }},
      submissions_{ex, spool_, intake_, [this] { return obstacle_to_jobs(); }},
      tasks_{ex, on_failure_} {
  supervisor_.on_room([this] { inbox_.look_again(); });
  add_sinks();
  apply(inputs.keys);
}

services app::make_services() {
  return {platforms_,
          store_,
          alarm_,
          measures_,
          events_,
          random_,
          [this](const std::string& platform) {
            return delivery::audit_destinations(settings_.audit.sinks, platform,
                                                platforms_.of(platform).takes_records());
          },
          [this](const std::string& destination) { deliveries_.wake(destination); }};
}

void app::add_sinks() {
  // The file has a sink even if it is not listed: what was committed for it before must arrive.
  deliveries_.add(delivery::audit_file_destination, audit_file_);
  // If a platform takes no audit records, they must wait, because they were not delivered.
  for (auto* each : platforms_.configured()) {
    if (each->driver().can().takes_audit_records)
      deliveries_.add(delivery::audit_destination(each->name()), each->records());
  }
}

std::string app::obstacle_to_jobs() const {
  if (alarm_.is_raised())
    return "the state cannot be written at present, so no job can be taken";
  if (!folder_->is_usable())
    return "jobs_dir cannot be used at present, so no job can be taken";
  return supervisor_.has_room() ? ""
                                : "as many jobs are under way as limits.max_active_jobs allows";
}

void app::accept(store::job_record job) {
  const auto id = job.canary.job_id;
  supervisor_.add(std::move(job), canary::accepted{});
  if (const auto* added = supervisor_.find(id); added != nullptr)
    publish_state(events_, *added);
}

void app::apply(const secrets& keys) {
  auto rules = make_job_rules(settings_, false);
  for (auto& [name, each] : rules.platforms)
    each.webhook_secret_configured = keys.platforms.at(name).webhook_secret.has_value();
  std::map<std::string, std::string> base_urls;
  for (const auto& [name, each] : settings_.platforms)
    base_urls.emplace(name, each.base_url);
  intake_.reconfigure(std::move(rules), std::move(base_urls));
}

async::task<> app::run(std::function<void()> on_ready) {
  std::exception_ptr problem;
  try {
    co_await work(std::move(on_ready));
  } catch (...) {
    problem = std::current_exception();
  }
  co_await shut_down();
  if (problem)
    std::rethrow_exception(problem);
}

async::task<> app::work(std::function<void()> on_ready) {
  // This must be asked before anything is written in this boot.
  auto ended = co_await store_.ended_before_this_boot();
  auto unfinished = co_await store_.unfinished_jobs();
  if (!unfinished)
    throw std::runtime_error{unfinished.error().text};
  if (!unfinished->unreadable.empty())
    abandoned_.be_careful();
  // These come first, so that none of their bots gets another canary.
  for (auto& lost : unfinished->unreadable)
    supervisor_.add_unreadable(std::move(lost));
  for (const bool live : {true, false}) {
    for (const auto& job : unfinished->jobs) {
      if ((state_of(job.canary) != canary::canary_state::queued) == live)
        supervisor_.add(job, canary::resumed{});
    }
  }
  resumed_ = true;
  tasks_.spawn(deliveries_.run());
  platforms_.start();
  tasks_.spawn(supervisor_.recheck_queue());
  tasks_.spawn(prune_history());
  tasks_.spawn(state_guard_.run());
  tasks_.spawn(inbox_.run(std::move(on_ready)));
  tasks_.spawn(settle_folders(ended ? std::move(*ended) : std::vector<store::job_record>{}));
  while (!stopping_)
    co_await bell_.wait();
}

// Settles what the last run left in the folders, as soon as they can be used.
async::task<> app::settle_folders(std::vector<store::job_record> ended) {
  while (!folder_->is_usable())
    co_await async::sleep_for(spool_retry);
  bool was_told = false;
  std::string settled;
  while (const auto* job = supervisor_.next(settled)) {
    const auto restored =
        canary::is_final(job->canary) ? result<void>{} : restore_copy(spool_, *job);
    if (restored)
      settled = job->canary.job_id;
    else if (!std::exchange(was_told, true))
      log(severity::warning, topic::files_untidy, "the copy in active/ is missing, trying again",
          {{"job", job->canary.job_id}, {"error", restored.error().text}});
    if (restored)
      co_await async::take_turn();
    else
      co_await async::sleep_for(spool_retry);
  }
  co_await abandoned_.settle_all();
  co_await abandoned_.settle_again(std::move(ended));
}

jobs_under_way app::make_jobs_under_way() const {
  return {.has =
              [this](const std::string& id) {
                return supervisor_.find(id) != nullptr || supervisor_.unreadable().contains(id);
              },
          .deployer_of =
              [this](const job::job& like) {
                const auto* found = supervisor_.deployer_of(like);
                return found == nullptr ? std::string{} : found->canary.job_id;
              }};
}

async::task<> app::prune_history() {
  for (;;) {
    const auto pruned =
        co_await store_.prune(async::clock::wall_now() -
                              std::chrono::duration_cast<wall_time::duration>(settings_.retention));
    if (!pruned)
      log(severity::warning, topic::history_not_pruned, "old rows not removed from the state",
          {{"error", pruned.error().text}});
    co_await async::sleep_for(prune_interval);
  }
}

// Ends the parts in such an order that whatever uses a part has ended before it.
async::task<> app::shut_down() {
  tasks_.cancel();
  supervisor_.cancel();
  abandoned_.cancel();
  platforms_.cancel();
  co_await tasks_.join();
  co_await supervisor_.join();
  co_await abandoned_.join();
  co_await platforms_.join();
  co_await platforms_.end_tokens();
  co_await state_guard_.look_at_last();
}

void app::stop() {
  stopping_ = true;
  bell_.ring();
}

std::string app::status() const {
  return status_line(supervisor_.counts(), api_text(), check());
}

std::string app::metrics_text() {
  const auto jobs = supervisor_.counts();
  std::map<std::string, platform::token_source::totals> tokens;
  for (const auto* each : platforms_.configured())
    tokens.emplace(each->name(), each->token_counts());
  return measures_.text({.jobs_by_state = jobs,
                         .unreadable_jobs = supervisor_.unreadable().size(),
                         .outbox_records = store_.undelivered(),
                         .log_lines_dropped = log_lines_lost(),
                         .tokens = std::move(tokens),
                         .config_is_in_force = !configuration_.is_refused(),
                         .config_accepted_at = configuration_.accepted_at()});
}

result<config> app::merge(config wanted, const secrets& keys) const {
  return merge_reload(settings_, std::move(wanted), supervisor_.active(),
                      platforms_.other_clients(keys));
}

void app::adopt(config merged, const secrets& keys) {
  settings_ = std::move(merged);
  platforms_.reconfigure(settings_, keys);
  add_sinks();
  audit_file_.move_to(settings_.audit.file);
  supervisor_.reconfigure(make_supervisor_options(settings_));
  measures_.jobs().limit(settings_.limits.max_job_series);
  apply(keys);
  inbox_.look_again();
}

result<void> app::reconfigure(config wanted, const secrets& keys) {
  auto merged = merge(std::move(wanted), keys);
  if (!merged)
    return std::unexpected{merged.error()};
  adopt(*std::move(merged), keys);
  return {};
}

}  // namespace canaryd::daemon
