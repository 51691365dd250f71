// What the daemon's configuration has to say about job files, without the daemon.
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
  // A webhook secret counts as configured: only the daemon may know.
  job::job_rules rules{.webhook_secret_configured = true};
  // Of the platform of `api`.
  job::call_budget budget;
  // Of the others, by platform.
  std::map<std::string, job::call_budget> other_budgets = {};

  const job::call_budget& budget_of(const std::string& platform) const;
};

// limits.min_interval, defaults, and rate_limit and window_unit of api and of each of platforms;
// what else is in a configuration is not looked at. The parts are its files, one or more.
// Otherwise: what is wrong with those, a line each, as text::split_json::describe writes it.
std::expected<site_settings, std::vector<std::string>> parse_site_settings(
    std::vector<text::json_part> parts);

// Those of `file` and of FILE.d. Where `must_be_there` is false and one of the files is not there,
// or not for us to read: the built-in ones.
std::expected<site_settings, std::vector<std::string>> load_site_settings(const std::string& file,
                                                                          bool must_be_there);

}  // namespace canaryd::cli
