#include "canaryd/cli/site_settings.hpp"

#include "canaryd/cli/read_file.hpp"
#include "canaryd/text/json_fields.hpp"
#include "canaryd/text/json_rules.hpp"

namespace canaryd::cli {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t max_config_bytes = 256UZ * 1024;

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

std::expected<site_settings, std::vector<std::string>> parse_site_settings(std::string_view bytes,
                                                                           std::string_view file) {
  auto read = text::read_json_file(bytes, max_config_bytes, read_settings);
  if (read)
    return *std::move(read);
  std::vector<std::string> lines;
  for (const auto& problem : read.error())
    lines.push_back(text::describe(problem, file));
  return std::unexpected{std::move(lines)};
}

std::expected<site_settings, std::vector<std::string>> load_site_settings(const std::string& file,
                                                                          bool must_be_there) {
  const auto bytes = read_file(file, max_config_bytes);
  if (bytes)
    return parse_site_settings(*bytes, file);
  if (must_be_there)
    return std::unexpected{std::vector{bytes.error().text}};
  return site_settings{};
}

}  // namespace canaryd::cli
