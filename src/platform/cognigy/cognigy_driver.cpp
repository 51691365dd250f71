#include "canaryd/platform/cognigy/cognigy_driver.hpp"

#include "canaryd/text/text.hpp"

#include <fmt/format.h>

#include "driver_errors.hpp"
#include "preflight.hpp"
#include <utility>

namespace canaryd::platform::cognigy {
namespace {

// Takes the key out of the settings.
client_options take_options(settings& from) {
  return {.base_url = from.base_url,
          .api_key = std::move(from.api_key),
          .request_timeout = from.request_timeout};
}

}  // namespace

cognigy_driver::cognigy_driver(async::executor ex, settings from, net::transport& transport,
                               rate_budget& budget, splitter& shares, metrics::arm_reader& reader,
                               std::function<void()> on_failure)
    : executor_{ex},
      settings_{std::move(from)},
      client_{take_options(settings_), transport, budget},
      splitter_{shares},
      reader_{reader},
      tasks_{ex, std::move(on_failure)} {}

cognigy_driver::~cognigy_driver() = default;

void cognigy_driver::reconfigure(settings from) {
  settings_ = std::move(from);
  auto options = take_options(settings_);
  if (options != client_.options())
    known_projects_.clear();
  client_.reconfigure(std::move(options));
  // The endpoints may be others now. What this driver has set stays true.
  for (auto& [name, known] : memories_) {
    known.stable.reset();
    known.canary.reset();
  }
}

capabilities cognigy_driver::can() const {
  return {.registers_webhooks = false,
          .takes_audit_records = false,
          .can_revert = false,
          .needs_token = false,
          .lists_versions = true,
          .metrics_by_environment = true};
}

platform::terms cognigy_driver::terms() const {
  return {.window_unit = std::chrono::seconds{1}, .request_timeout = settings_.request_timeout};
}

result<route> cognigy_driver::find_way(call which, const target& where) const {
  auto way = find_route(settings_, where.bot_id, where.environment_id);
  if (!way)
    return std::unexpected{in_call(which, std::move(way).error())};
  return way;
}

result<cognigy_driver::subject> cognigy_driver::find_subject(call which, const target& where,
                                                             std::string_view id) const {
  auto way = find_way(which, where);
  if (!way)
    return std::unexpected{std::move(way).error()};
  auto key = parse_deployment_key(id);
  if (!key)
    return refuse(which, fmt::format("\"{}\" is no deployment of this platform",
                                     text::printable_excerpt(id, 60)));
  if (key->canary_endpoint != way->at.canary_endpoint)
    return refuse(which, fmt::format("the deployment is of endpoint {}, and the canary_endpoint of "
                                     "bot {} is {}",
                                     key->canary_endpoint, way->bot_id, way->at.canary_endpoint));
  return subject{.way = *std::move(way), .key = *std::move(key)};
}

cognigy_driver::memory& cognigy_driver::memory_of(const route& way) {
  return memories_.try_emplace(way.bot_id + "\n" + way.environment_id, executor_).first->second;
}

void cognigy_driver::tell_oddity(const route& about, const std::string& text) {
  if (!on_oddity_)
    return;
  on_oddity_({.base_url = settings_.base_url,
              .bot_id = about.bot_id,
              .environment_id = about.environment_id,
              .version = {}},
             text);
}

async::task<result<endpoint>> cognigy_driver::read_stable(errand why, route way) {
  auto found = co_await client_.read_endpoint(why, way.at.stable_endpoint);
  if (found)
    memory_of(way).stable = *found;
  co_return found;
}

async::task<result<endpoint>> cognigy_driver::read_canary(errand why, route way) {
  auto found = co_await client_.read_endpoint(why, way.at.canary_endpoint);
  if (found)
    memory_of(way).canary = *found;
  co_return found;
}

async::task<result<void>> cognigy_driver::know_project(errand why, std::string project_id) {
  if (known_projects_.contains(project_id))
    co_return result<void>{};
  const auto is_there = co_await client_.read_project(why, project_id);
  if (is_there)
    known_projects_.insert(project_id);
  co_return is_there;
}

async::task<result<bool>> cognigy_driver::version_is_listed(const target& where) {
  const errand why{.which = call::versions, .rank = priority::deploy};
  const auto way = find_way(why.which, where);
  if (!way)
    co_return std::unexpected{way.error()};
  if (const auto known = co_await know_project(why, way->project_id); !known)
    co_return std::unexpected{known.error()};
  const auto found = co_await client_.find_snapshot(why, way->project_id, where.version);
  if (!found)
    co_return std::unexpected{found.error()};
  co_return found->has_value();
}

// What the job calls the snapshot that an endpoint serves, where it is that one; else what the
// project calls it.
async::task<result<std::string>> cognigy_driver::name_version(errand why, route way,
                                                              std::string entrypoint,
                                                              std::string version) {
  if (entrypoint == version || entrypoint == way.project_id)
    co_return entrypoint;
  const auto found = co_await client_.read_snapshot(why, entrypoint);
  if (found)
    co_return found->name.empty() ? entrypoint : found->name;
  // A snapshot that is deleted has no name any more.
  if (found.error().status == 404)
    co_return entrypoint;
  co_return std::unexpected{found.error()};
}

async::task<result<canary::deployment_list>> cognigy_driver::find_deployments(const target& where,
                                                                              priority rank) {
  const errand why{.which = call::find_deployments, .rank = rank};
  const auto way = find_way(why.which, where);
  if (!way)
    co_return std::unexpected{way.error()};
  const auto share = co_await read_share(why.which, *way);
  if (!share)
    co_return std::unexpected{share.error()};
  if (*share == 0)
    co_return canary::deployment_list{};
  const auto canary = co_await read_canary(why, *way);
  if (!canary)
    co_return std::unexpected{canary.error()};
  const auto version = co_await name_version(why, *way, canary->entrypoint, where.version);
  if (!version)
    co_return std::unexpected{version.error()};
  canary::deployment_list list;
  list.items.push_back(
      {.id = to_text({.canary_endpoint = canary->id, .snapshot = canary->entrypoint}),
       .version = *version,
       .status = "active",
       .canary_percent = to_percent(*share),
       .bot_id = where.bot_id,
       .environment_id = where.environment_id,
       .created_at = {}});
  co_return list;
}

async::task<result<canary::deployment>> cognigy_driver::get_deployment(const target& where,
                                                                       std::string id,
                                                                       priority rank) {
  const errand why{.which = call::get_deployment, .rank = rank};
  const auto about = find_subject(why.which, where, id);
  if (!about)
    co_return std::unexpected{about.error()};
  const auto share = co_await read_share(why.which, about->way);
  if (!share)
    co_return std::unexpected{share.error()};
  const auto stable = co_await read_stable(why, about->way);
  if (!stable)
    co_return std::unexpected{stable.error()};
  const bool is_promoted = stable->entrypoint == about->key.snapshot;
  const auto is_live = co_await is_canary_live(why, *about, *share, !is_promoted);
  if (!is_live)
    co_return std::unexpected{is_live.error()};
  // A promote ended before its last write. Both arms serve the same, so the share is of no use.
  if (is_promoted && *is_live) {
    if (const auto settled = co_await set_share(why.which, about->way, 0); !settled)
      co_return std::unexpected{settled.error()};
  }
  const bool is_active = *is_live && !is_promoted;
  co_return canary::deployment{
      .id = id,
      .version = where.version,
      .status = is_promoted ? "promoted" : (is_active ? "active" : "rolled_back"),
      .canary_percent = is_active ? to_percent(*share) : 0.0,
      .bot_id = where.bot_id,
      .environment_id = where.environment_id,
      .created_at = {}};
}

async::task<result<bool>> cognigy_driver::is_canary_live(errand why, subject about,
                                                         basis_points share, bool may_be_lost) {
  if (share == 0 && !may_be_lost)
    co_return false;
  if (share == 0) {
    const auto is_lost = co_await has_lost_share(why.which, about.way);
    if (!is_lost || !*is_lost)
      co_return is_lost;
  }
  const auto canary = co_await read_canary(why, about.way);
  if (!canary)
    co_return std::unexpected{canary.error()};
  co_return canary->entrypoint == about.key.snapshot;
}

async::task<result<std::vector<webhook>>> cognigy_driver::list_webhooks(const target&) {
  co_return refuse(call::list_webhooks, "this platform has no webhooks");
}

async::task<result<void>> cognigy_driver::register_webhook(const target&, webhook, std::string,
                                                           std::string) {
  co_return refuse(call::register_webhook, "this platform has no webhooks");
}

async::task<result<void>> cognigy_driver::audit(const target&, canary::audit_record) {
  co_return refuse(call::audit, "this platform takes no audit records");
}

async::task<> cognigy_driver::check_route(std::vector<finding>& found, route way) {
  // Read only, and nobody waits for it.
  const errand why{.which = call::versions, .rank = priority::deploy};
  const auto add = [&found, &way](std::string_view what, result<void> outcome) {
    found.push_back({fmt::format("{} of bot {} in {}", what, way.bot_id, way.environment_id),
                     std::move(outcome)});
  };
  add("project", co_await client_.read_project(why, way.project_id));
  const auto stable = co_await read_stable(why, way);
  const auto canary = co_await read_canary(why, way);
  if (!stable || !canary) {
    add("endpoints", std::unexpected{stable ? canary.error() : stable.error()});
  } else {
    const auto problem = find_problem(way, *stable, *canary);
    add("endpoints", problem ? refuse(why.which, *problem) : result<void>{});
  }
  const auto share = co_await read_share(why.which, way);
  add("share", share ? result<void>{} : std::unexpected{share.error()});
  add("backends", co_await check_backends(why.which, way));
}

async::task<std::vector<finding>> cognigy_driver::find_out() {
  std::vector<finding> found;
  const auto bots = settings_.bots;
  for (const auto& [bot_id, bot] : bots) {
    for (const auto& [environment_id, environment] : bot.environments) {
      const auto way = find_route(settings_, bot_id, environment_id);
      if (way)
        co_await check_route(found, *way);
      else
        found.push_back(
            {fmt::format("bot {} in {}", bot_id, environment_id), std::unexpected{way.error()}});
    }
  }
  co_return found;
}

async::task<result<void>> cognigy_driver::check() {
  std::optional<error> whole;
  const auto found = co_await find_out();
  for (const auto& each : found) {
    if (each.outcome)
      continue;
    const auto text = fmt::format("{}: {}", each.what, each.outcome.error().text);
    if (whole)
      whole->text += "; " + text;
    else
      whole = error{.kind = each.outcome.error().kind, .text = text};
  }
  if (whole)
    co_return std::unexpected{*std::move(whole)};
  co_return result<void>{};
}

}  // namespace canaryd::platform::cognigy
