// What the daemon's configuration has to say about job files, without the daemon.
#pragma once

#include "canaryd/job/job_file.hpp"
#include "canaryd/job/job_lint.hpp"

#include <expected>
#include <map>
#include <string>
#include <string_view>
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
// what else is in a configuration is not looked at. Otherwise: what is wrong with those, a line
// each, as text::describe writes it with `file` in front.
std::expected<site_settings, std::vector<std::string>> parse_site_settings(std::string_view bytes,
                                                                           std::string_view file);

// Those of `file`. Where `must_be_there` is false and the file is not there, or not for us to read:
// the built-in ones.
std::expected<site_settings, std::vector<std::string>> load_site_settings(const std::string& file,
                                                                          bool must_be_there);

}  // namespace canaryd::cli
