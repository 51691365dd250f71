#include "canaryd/daemon/abandoned.hpp"

#include "canaryd/async/turn.hpp"
#include "canaryd/base/backoff.hpp"
#include "canaryd/daemon/intake/folder.hpp"
#include "canaryd/daemon/intake/rejection.hpp"
#include "canaryd/daemon/intake/settlement.hpp"
#include "canaryd/daemon/tell/job_log.hpp"
#include "canaryd/job/job_file.hpp"
#include "canaryd/text/json_text.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <set>

namespace canaryd::daemon {
namespace json = boost::json;
namespace {

using std::chrono::seconds;

constexpr seconds longest_wait{60};
constexpr seconds folder_retry{5};
constexpr std::size_t names_at_once = 256;

// Reads only which version of which bot the file is about, because the rules and the defaults may
// have changed since it was accepted. Everything else is as in the smallest possible job.
std::expected<job::job, text::problem> read_forgotten(std::string_view bytes,
                                                      const std::string& usual_platform) {
  const auto parsed = text::parse_operator_json(bytes, job::max_job_file_bytes);
  if (!parsed)
    return std::unexpected{parsed.error()};
  json::object smallest{{"traffic_matrix", {{"stable", 99}, {"canary", 1}}},
                        {"max_traffic_percentage", 100},
                        {"platform", usual_platform}};
  const auto* told = parsed->root.if_object();
  for (const auto* key : {"platform", "bot_id", "environment_id", "version", "labels"}) {
    if (const auto* value = told != nullptr ? told->if_contains(key) : nullptr)
      smallest[key] = *value;
  }
  auto spec = job::parse_job_file(json::serialize(smallest), {});
  if (!spec)
    return std::unexpected{spec.error().front()};
  return *std::move(spec);
}

bool names_other(const std::string& value, const std::string& ours) {
  return !value.empty() && value != ours;
}

// An API may list more deployments than it was asked for.
bool concerns(const job::job& spec, const canary::deployment& found) {
  return !names_other(found.bot_id, spec.bot_id) &&
         !names_other(found.environment_id, spec.environment_id);
}

}  // namespace

abandoned::abandoned(async::executor ex, services world, spool where, jobs_under_way others,
                     std::function<std::string()> make_uid, std::function<void()> on_failure)
    : executor_{ex},
      world_{std::move(world)},
      spool_{std::move(where)},
      others_{std::move(others)},
      make_uid_{std::move(make_uid)},
      settling_{ex, std::move(on_failure)} {}

async::task<> abandoned::settle_all() {
  // A list that breaks off is read again from its beginning.
  std::set<std::string> begun;
  for (;;) {
    auto folder = folder_reader::open(spool_.active());
    while (folder) {
      const auto some = folder->next(names_at_once);
      if (!some)
        break;
      if (some->empty())
        co_return;
      for (const auto& [name, type] : *some) {
        if (!name.starts_with(".") && name.ends_with(".json") &&
            !others_.has(name.substr(0, name.size() - 5)) && begun.insert(name).second)
          settling_.spawn(settle(name));
      }
      co_await async::take_turn();
    }
    co_await async::sleep_for(folder_retry);
  }
}

async::task<> abandoned::settle_again(std::vector<store::job_record> ended) {
  for (auto& job : ended) {
    if (has_lost_result(spool_, job))
      settling_.spawn(settle_ended(std::move(job)));
    co_await async::take_turn();
  }
}

async::task<> abandoned::settle_ended(store::job_record ended) {
  co_await settle_files(spool_, ended);
  log(severity::info, topic::files_untidy, "files of an ended job settled",
      {{"job", ended.canary.job_id}});
}

async::task<> abandoned::settle(std::string file_name) {
  const auto job_id = file_name.substr(0, file_name.size() - 5);
  auto stored = co_await find_stored(job_id);
  if (!stored) {
    log(severity::critical, topic::job_unreadable,
        "the stored state of a job in active/ cannot be read, so its file is left as it is",
        {{"file", file_name}, {"error", stored.error().text}});
    co_return;
  }
  if (*stored && !canary::is_final((*stored)->canary))
    co_return;
  if (*stored) {
    const auto settled = look_for(spool_.done() / file_name);
    if (settled && *settled != presence::absent)
      co_return reject(file_name, "job " + job_id + " has ended, and its file is in done/");
    // The job has ended, but its files are not yet where they belong.
    co_await settle_ended(std::move(**stored));
    co_return;
  }
  const auto content = co_await read_copy(file_name);
  if (!content && content.error().kind == read_failure::vanished)
    co_return;
  log(severity::warning, topic::forgotten_job, "file in active/ of a job that nobody remembers",
      {{"file", file_name}});
  if (!content)
    co_return reject(file_name, "it is not a job file: " + content.error().text);
  auto spec = read_forgotten(content->bytes, world_.platforms.usual());
  if (!spec)
    co_return reject(file_name, "it is not a job file: " + spec.error().message);
  co_await settle_forgotten(std::move(file_name), *std::move(spec));
}

// Tries until the file can be read, or turns out to be no job file. A file that cannot be read now
// may name a canary that nobody watches.
async::task<std::expected<file_content, read_problem>> abandoned::read_copy(std::string file_name) {
  for (bool is_first = true;; is_first = false) {
    auto content = read_once(spool_.active() / file_name, job::max_job_file_bytes);
    if (content || (content.error().kind != read_failure::trouble &&
                    content.error().kind != read_failure::unreadable))
      co_return content;
    if (is_first)
      log(severity::critical, topic::forgotten_job,
          "file in active/ of a job that nobody remembers cannot be read, trying again",
          {{"file", file_name}, {"error", content.error().text}});
    co_await async::sleep_for(longest_wait);
  }
}

async::task<> abandoned::settle_forgotten(std::string file_name, job::job spec) {
  const auto live = co_await live_deployments(spec);
  const auto owned = co_await owned_by_jobs(spec.platform, live);
  const auto deployer = others_.deployer_of(spec);
  if (!live.empty() && owned.size() == live.size())
    co_return reject(file_name, "it is a copy: its deployment " + owned.front() +
                                    " belongs to another job and was left alone");
  if (!live.empty() && (!owned.empty() || !deployer.empty() || is_careful_)) {
    log(severity::critical, topic::forgotten_job,
        "cannot tell whose deployment this is, so it is left alone, and so is the file",
        {{"file", file_name},
         {"deployment", live.front().id},
         {"job", deployer},
         platform_field(spec.platform),
         {"bot", spec.bot_id},
         {"version", spec.version}});
    co_return;
  }
  for (const auto& found : live)
    co_await roll_back(file_name.substr(0, file_name.size() - 5), spec, found.id);
  reject(file_name, live.empty()
                        ? std::string{"the daemon does not remember this job; nothing of it runs"}
                        : "the daemon did not remember this job; its deployment " +
                              live.front().id + " was rolled back");
}

// Asks until there is an answer, so that a job in the store never counts as forgotten. Fails if its
// row cannot be read.
async::task<result<std::optional<store::job_record>>> abandoned::find_stored(std::string job_id) {
  for (;;) {
    auto found = co_await world_.store.find(job_id);
    if (found || found.error().kind == fault::malformed)
      co_return found;
    co_await async::sleep_for(longest_wait);
  }
}

// Asks until there is an answer.
async::task<std::vector<canary::deployment>> abandoned::live_deployments(const job::job& spec) {
  auto& platform = world_.platforms.of(spec.platform);
  const platform::target where{platform.base_url(), spec.bot_id, spec.environment_id, spec.version};
  for (std::int32_t failures = 0;; ++failures) {
    auto listed = co_await platform.driver().find_deployments(where, platform::priority::rollback);
    if (listed) {
      std::erase_if(listed->items, [&](const canary::deployment& found) {
        return found.version != spec.version || !canary::is_live(found) || !concerns(spec, found);
      });
      co_return std::move(listed->items);
    }
    if (backoff_has_grown(failures, longest_wait))
      log(severity::critical, topic::forgotten_job,
          "cannot find out whether a forgotten canary runs, trying again",
          {{"bot", spec.bot_id}, {"error", listed.error().text}});
    // A rollback may follow, so Retry-After is not respected here.
    const auto wait = full_jitter(failures, world_.random(), longest_wait);
    co_await async::sleep_for(std::max<duration>(wait, seconds{1}));
  }
}

// Asks until there is an answer, so that another job's deployment never counts as forgotten.
async::task<std::vector<std::string>> abandoned::owned_by_jobs(
    std::string platform, const std::vector<canary::deployment>& live) {
  std::vector<std::string> ids;
  for (const auto& found : live)
    ids.push_back(found.id);
  while (!ids.empty()) {
    auto owned = co_await world_.store.owned_by_others(platform, {}, ids);
    if (owned)
      co_return *std::move(owned);
    co_await async::sleep_for(longest_wait);
  }
  co_return ids;
}

async::task<> abandoned::roll_back(std::string job_id, job::job spec, std::string deployment_id) {
  store::job_record job;
  job.stem = job_id;
  job.base_url = world_.platforms.of(spec.platform).base_url();
  job.canary =
      canary::make_abandoned(job_id, make_uid_(), std::move(deployment_id), async::clock::now());
  job.spec = std::move(spec);
  // The store keeps it like every other job, so that its audit records are delivered.
  (void)co_await world_.store.add(job);
  runner run{executor_, world_, job};
  co_await run.run(canary::resumed{});
}

void abandoned::reject(const std::string& file_name, const std::string& why) {
  // Only the daemon replaces files in active/.
  const auto done = reject_file(spool_, spool_.active() / file_name, std::nullopt,
                                {text::problem{.pointer = {}, .message = why}});
  log(severity::warning, topic::forgotten_job, "forgotten job settled",
      {{"file", file_name}, {"outcome", why}, {"error", done ? "" : done.error().text}});
}

}  // namespace canaryd::daemon
