#include "canaryd/sim/deployment_book.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <utility>

namespace canaryd::sim {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t most_changes_kept = 1000;
// Covers the longest window plus the longest delay that can be asked about.
constexpr duration longest_memory = 48h;
constexpr duration stable_history = 24h;
constexpr std::uint64_t first_number = 9'007'199'254'740'993;
constexpr std::size_t most_bots = 1'000'000;

// FNV-1a. Unlike std::hash, it is the same in every run and on every machine.
std::uint64_t stable_hash(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char letter : text)
    hash = (hash ^ static_cast<unsigned char>(letter)) * 0x100000001b3U;
  return hash;
}

}  // namespace

std::string_view to_string(deployment_status status) {
  switch (status) {
    case deployment_status::active:
      return "active";
    case deployment_status::promoted:
      return "promoted";
    case deployment_status::rolled_back:
      return "rolled_back";
  }
  return "";
}

deployment_book::deployment_book(traffic_options options, instant start)
    : options_{std::move(options)}, start_{start} {}

deployment_record& deployment_book::open(deployment_record asked, std::string cause, moment when) {
  asked.id = options_.numeric_ids ? fmt::to_string(first_number + deployments_.size())
                                  : fmt::format("dep-{}", deployments_.size() + 1);
  asked.status = deployment_status::active;
  asked.history.clear();
  // The bot's earlier traffic must exist before the deployment takes its share of it.
  bot_of(asked.bot_id).deployments.push_back(deployments_.size());
  by_id_.emplace(asked.id, deployments_.size());
  auto& opened = deployments_.emplace_back(std::move(asked));
  remember(opened, std::move(cause), when);
  redirect_traffic(opened.bot_id, since_start(when.now));
  return opened;
}

void deployment_book::set_status(deployment_record& changed, deployment_status status,
                                 std::string cause, moment when) {
  if (changed.status == status)
    return;
  changed.status = status;
  changed.is_being_promoted = false;
  if (status == deployment_status::promoted) {
    bot_of(changed.bot_id).stable = {.arm = traffic_arm::stable,
                                     .environment_id = {},
                                     .version = changed.version,
                                     .percent = 100.0,
                                     .version_since = since_start(changed.created().now)};
  }
  remember(changed, std::move(cause), when);
  redirect_traffic(changed.bot_id, since_start(when.now));
}

void deployment_book::set_traffic(deployment_record& changed, double canary_percent,
                                  std::string cause, moment when) {
  if (changed.canary_percent == canary_percent)
    return;
  changed.canary_percent = canary_percent;
  remember(changed, std::move(cause), when);
  redirect_traffic(changed.bot_id, since_start(when.now));
}

deployment_record* deployment_book::find(std::string_view id) {
  const auto place = by_id_.find(id);
  return place == by_id_.end() ? nullptr : &deployments_[place->second];
}

std::vector<const deployment_record*> deployment_book::of_bot(
    std::string_view bot_id, std::string_view environment_id) const {
  std::vector<const deployment_record*> found;
  const auto bot = bots_.find(bot_id);
  if (bot == bots_.end())
    return found;
  for (const auto place : bot->second.deployments) {
    const auto& candidate = deployments_[place];
    if (environment_id.empty() || candidate.environment_id == environment_id)
      found.push_back(&candidate);
  }
  return found;
}

std::vector<std::string> deployment_book::versions(const std::string& bot_id) const {
  std::vector<std::string> listed;
  if (const auto settings = options_.bots.find(bot_id); settings != options_.bots.end())
    listed = settings->second.versions;
  for (const auto* deployed : of_bot(bot_id, {})) {
    if (std::ranges::find(listed, deployed->version) == listed.end())
      listed.push_back(deployed->version);
  }
  return listed;
}

conversation_totals deployment_book::conversations(const metrics_question& question, instant now) {
  const auto end = std::chrono::floor<std::chrono::seconds>(since_start(now) - question.delay);
  conversation_totals totals;
  if (bots_.size() >= most_bots && !bots_.contains(question.bot_id))
    return totals;
  for (auto& stream : bot_of(question.bot_id).streams) {
    const bool asked = stream.arm == question.arm &&
                       (question.environment_id.empty() || stream.environment_id.empty() ||
                        stream.environment_id == question.environment_id);
    if (asked)
      totals += stream.conversations.between((end - question.window).count(), end.count());
  }
  return totals;
}

deployment_book::bot_record& deployment_book::bot_of(const std::string& bot_id) {
  const auto known = bots_.find(bot_id);
  if (known != bots_.end())
    return known->second;
  bot_settings settings;
  if (const auto found = options_.bots.find(bot_id); found != options_.bots.end())
    settings = found->second;
  auto& created = bots_[bot_id];
  created.stable.version = settings.stable_version;
  created.stable.version_since = -stable_history;
  created.arrivals_per_minute = settings.arrivals_per_minute.value_or(options_.arrivals_per_minute);
  start_flow(created, bot_id, created.stable, -stable_history);
  return created;
}

void deployment_book::remember(deployment_record& changed, std::string cause, moment when) {
  if (changed.history.size() < most_changes_kept) {
    changed.history.push_back({.when = when,
                               .status = changed.status,
                               .canary_percent = changed.canary_percent,
                               .cause = std::move(cause)});
  }
}

void deployment_book::redirect_traffic(const std::string& bot_id, duration from) {
  auto& bot = bot_of(bot_id);
  for (auto& stream : bot.streams)
    stream.conversations.end(from);
  std::erase_if(bot.streams, [&](const arm_stream& old) {
    return old.conversations.from() >= old.conversations.until() ||
           old.conversations.until() < from - longest_memory;
  });
  flow stable = bot.stable;
  for (const auto place : bot.deployments) {
    const auto& deployed = deployments_[place];
    if (deployed.status != deployment_status::active)
      continue;
    stable.percent -= deployed.canary_percent;
    start_flow(bot, bot_id,
               {.arm = traffic_arm::canary,
                .environment_id = deployed.environment_id,
                .version = deployed.version,
                .percent = deployed.canary_percent,
                .version_since = since_start(deployed.created().now)},
               from);
  }
  start_flow(bot, bot_id, stable, from);
}

void deployment_book::start_flow(bot_record& bot, const std::string& bot_id, const flow& started,
                                 duration from) const {
  const double per_second = bot.arrivals_per_minute / 60.0 * std::max(started.percent, 0.0) / 100.0;
  const auto phases = phases_of(options_.profiles, bot_id, started.version, started.version_since);
  for (std::size_t place = 0; place < phases.size(); ++place) {
    const bool is_last = place + 1 == phases.size();
    const auto until = is_last ? duration::max() : started.version_since + phases[place + 1].from;
    const auto begin = std::max(from, started.version_since + phases[place].from);
    const auto key = mix(mix(options_.seed, stable_hash(bot_id)), bot.streams_made++);
    if (begin < until && per_second > 0.0) {
      bot.streams.push_back({.arm = started.arm,
                             .environment_id = started.environment_id,
                             .conversations = {phases[place].what, per_second, key, begin, until}});
    }
  }
}

}  // namespace canaryd::sim
