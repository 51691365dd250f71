#include "canaryd/daemon/abandoned.hpp"

#include "canaryd/core/backoff.hpp"
#include "canaryd/core/job_file.hpp"
#include "canaryd/core/json_text.hpp"
#include "canaryd/daemon/log.hpp"
#include "canaryd/daemon/rejection.hpp"
#include "canaryd/daemon/settlement.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <system_error>

namespace canaryd::daemon {
namespace json = boost::json;
namespace {

using std::chrono::seconds;

constexpr seconds longest_wait{60};

// What matters is which version of which bot it is about. It was a job under rules and with
// defaults that may have changed since, so all else is as in the smallest job there is.
std::expected<core::job, core::problem> read_forgotten(std::string_view bytes) {
  const auto parsed = core::parse_operator_json(bytes, core::max_job_file_bytes);
  if (!parsed)
    return std::unexpected{parsed.error()};
  json::object smallest{{"traffic_matrix", {{"stable", 99}, {"canary", 1}}},
                        {"max_traffic_percentage", 100}};
  const auto* told = parsed->root.if_object();
  for (const auto* key : {"bot_id", "environment_id", "version", "labels"}) {
    if (const auto* value = told != nullptr ? told->if_contains(key) : nullptr)
      smallest[key] = *value;
  }
  auto spec = core::parse_job_file(json::serialize(smallest), {});
  if (!spec)
    return std::unexpected{spec.error().front()};
  return *std::move(spec);
}

}  // namespace

abandoned::abandoned(async::executor ex, services world, spool where, std::string base_url,
                     std::function<std::string()> make_uid, std::function<void()> on_failure)
    : executor_{ex},
      world_{std::move(world)},
      spool_{std::move(where)},
      base_url_{std::move(base_url)},
      make_uid_{std::move(make_uid)},
      settling_{ex, std::move(on_failure)} {}

void abandoned::settle_all(const std::set<std::string>& known) {
  std::set<std::string> names;
  std::error_code problem;
  for (std::filesystem::directory_iterator at{spool_.active(), problem}, end; !problem && at != end;
       at.increment(problem)) {
    auto name = at->path().filename().string();
    if (!name.starts_with(".") && name.ends_with(".json") &&
        !known.contains(name.substr(0, name.size() - 5)))
      names.insert(std::move(name));
  }
  for (const auto& name : names)
    settling_.spawn(settle(name));
}

void abandoned::settle_again(std::vector<store::job_record> ended) {
  for (auto& job : ended) {
    if (has_lost_result(spool_, job))
      settling_.spawn(settle_ended(std::move(job)));
  }
}

async::task<> abandoned::settle_ended(store::job_record ended) {
  co_await settle_files(spool_, ended);
  log(core::severity::info, core::topic::files_untidy, "files of an ended job settled",
      {{"job", ended.canary.job_id}});
}

async::task<> abandoned::settle(std::string file_name) {
  auto stored = co_await find_stored(file_name.substr(0, file_name.size() - 5));
  if (!stored) {
    log(core::severity::critical, core::topic::job_unreadable,
        "the stored state of a job in active/ cannot be read: it is left as it is",
        {{"file", file_name}, {"error", stored.error().text}});
    co_return;
  }
  if (*stored) {
    // It had ended; only its files were not yet where they belong.
    co_await settle_ended(std::move(**stored));
    co_return;
  }
  log(core::severity::warning, core::topic::forgotten_job,
      "file in active/ of a job that nobody remembers", {{"file", file_name}});
  std::string why;
  const auto content = read_once(spool_.active() / file_name, core::max_job_file_bytes, why);
  if (!content)
    co_return reject(file_name, "it is not a job file: " + why);
  const auto spec = read_forgotten(content->bytes);
  if (!spec)
    co_return reject(file_name, "it is not a job file: " + spec.error().message);
  const auto live = co_await live_deployments(*spec);
  for (const auto& found : live)
    co_await roll_back(file_name.substr(0, file_name.size() - 5), *spec, found.id);
  reject(file_name, live.empty()
                        ? std::string{"the daemon does not remember this job; nothing of it runs"}
                        : "the daemon did not remember this job; its deployment " +
                              live.front().id + " was rolled back");
}

// Asks until there is an answer: a job that the store has is never taken for a forgotten one. An
// error where its row cannot be read.
async::task<core::result<std::optional<store::job_record>>> abandoned::find_stored(
    std::string job_id) {
  for (;;) {
    auto found = co_await world_.store.find(job_id);
    if (found || found.error().kind == core::fault::malformed)
      co_return found;
    co_await async::sleep_for(longest_wait);
  }
}

// Asks until there is an answer.
async::task<std::vector<core::deployment>> abandoned::live_deployments(const core::job& spec) {
  const cognigy::target where{base_url_, spec.bot_id, spec.environment_id, spec.version};
  for (std::int32_t failures = 0;; ++failures) {
    auto listed = co_await world_.platform.find_deployments(where, cognigy::priority::rollback);
    if (listed) {
      std::erase_if(listed->items, [&](const core::deployment& found) {
        return found.version != spec.version || !core::is_live(found);
      });
      co_return std::move(listed->items);
    }
    if (core::backoff_has_grown(failures, longest_wait))
      log(core::severity::critical, core::topic::forgotten_job,
          "cannot find out whether a forgotten canary runs, trying on",
          {{"bot", spec.bot_id}, {"error", listed.error().text}});
    // On the way to a rollback, which is not held up.
    const auto wait = core::full_jitter(failures, world_.random(), longest_wait);
    co_await async::sleep_for(std::max<core::duration>(wait, seconds{1}));
  }
}

async::task<> abandoned::roll_back(std::string job_id, core::job spec, std::string deployment_id) {
  store::job_record job;
  job.stem = job_id;
  job.base_url = base_url_;
  job.canary =
      core::make_abandoned(job_id, make_uid_(), std::move(deployment_id), async::clock::now());
  job.spec = std::move(spec);
  // Kept like every other job's, so that its audit records reach the outbox.
  (void)co_await world_.store.add(job);
  runner run{executor_, world_, job};
  co_await run.run(core::resumed{});
}

void abandoned::reject(const std::string& file_name, const std::string& why) {
  const auto done = reject_file(spool_, spool_.active() / file_name,
                                {core::problem{.pointer = {}, .message = why}});
  log(core::severity::warning, core::topic::forgotten_job, "forgotten job settled",
      {{"file", file_name}, {"outcome", why}, {"error", done ? "" : done.error().text}});
}

}  // namespace canaryd::daemon
