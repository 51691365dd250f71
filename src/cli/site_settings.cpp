#include "canaryd/cli/site_settings.hpp"

#include "canaryd/text/json_fields.hpp"
#include "canaryd/text/json_rules.hpp"
#include "canaryd/text/operator_file.hpp"

#include <utility>

namespace canaryd::cli {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t max_config_bytes = 1024UZ * 1024;

// The bounds are the same as in the daemon's own reader.
job::call_budget read_platform(text::json_fields& in, const std::string& name,
                               job::job_rules& rules) {
  job::call_budget budget;
  if (auto limit = in.object("rate_limit")) {
    limit->read("requests", budget.requests, text::whole_number(1, 1'000'000));
    limit->read("per", budget.per, text::duration_in(1s, 24h));
  }
  auto& of_platform = rules.platforms[name];
  of_platform.webhook_secret_configured = rules.webhook_secret_configured;
  in.read("window_unit", of_platform.window_unit, text::one_of<duration>({{"m", 1min}, {"s", 1s}}));
  return budget;
}

void read_platforms(text::json_fields& in, site_settings& into) {
  if (auto api = in.object("api"))
    into.budget = read_platform(*api, job::default_platform, into.rules);
  auto named = in.object("platforms");
  if (!named)
    return;
  for (const auto& member : named->members()) {
    const std::string name{member.key()};
    if (auto each = named->object(name))
      into.other_budgets.emplace(name, read_platform(*each, name, into.rules));
  }
}

site_settings read_settings(const boost::json::object& file, text::problem_list& problems) {
  site_settings read;
  text::json_fields in{file, "", problems};
  read_platforms(in, read);
  if (auto limits = in.object("limits"))
    limits->read("min_interval", read.rules.min_interval, text::duration_in(1ms, 1h));
  if (auto defaults = in.object("defaults")) {
    read.rules.defaults = defaults->members();
    for (auto& each : job::check_job_defaults(read.rules))
      problems.push_back(std::move(each));
  }
  return read;
}

}  // namespace

const job::call_budget& site_settings::budget_of(const std::string& platform) const {
  const auto found = other_budgets.find(platform);
  return found == other_budgets.end() ? budget : found->second;
}

std::expected<site_settings, std::vector<std::string>> parse_site_settings(
    std::vector<text::json_part> parts) {
  const auto merged = text::split_json::merge(std::move(parts), max_config_bytes);
  if (!merged)
    return std::unexpected{merged.error()};
  text::problem_list problems;
  auto read = read_settings(merged->root(), problems);
  auto lines = merged->describe(problems);
  if (!lines.empty())
    return std::unexpected{std::move(lines)};
  return read;
}

std::expected<site_settings, std::vector<std::string>> load_site_settings(const std::string& file,
                                                                          bool must_be_there) {
  auto read = text::read_split_file(file, max_config_bytes);
  if (read.problems.empty())
    return parse_site_settings(std::move(read.parts));
  if (must_be_there || !read.parts.empty())
    return std::unexpected{std::move(read.problems)};
  return site_settings{};
}

}  // namespace canaryd::cli
