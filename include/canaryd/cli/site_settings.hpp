// Reads what the daemon's configuration says about job files, without the daemon.
#pragma once

#include "canaryd/job/job_file.hpp"
#include "canaryd/job/job_lint.hpp"
#include "canaryd/text/split_json.hpp"

#include <expected>
#include <map>
#include <string>
#include <vector>

namespace canaryd::cli {

struct site_settings {
  // A webhook secret counts as configured, because only the daemon may know.
  job::job_rules rules{.webhook_secret_configured = true};
  // The budget of the platform of `api`.
  job::call_budget budget;
  // The budgets of the other platforms, by name.
  std::map<std::string, job::call_budget> other_budgets = {};

  const job::call_budget& budget_of(const std::string& platform) const;
};

// Reads limits.min_interval, defaults, and the rate_limit and window_unit of api and of each
// platform. The rest of the configuration is not looked at. The parts are its files, one or more.
// Otherwise returns one line for each problem, as text::split_json::describe writes it.
std::expected<site_settings, std::vector<std::string>> parse_site_settings(
    std::vector<text::json_part> parts);

// Reads the settings of `file` and of FILE.d. If none of the files can be read and `must_be_there`
// is false, returns the built-in ones.
std::expected<site_settings, std::vector<std::string>> load_site_settings(const std::string& file,
                                                                          bool must_be_there);

}  // namespace canaryd::cli
