// What the daemon's configuration has to say about job files, without the daemon.
#pragma once

#include "canaryd/job/job_file.hpp"
#include "canaryd/job/job_lint.hpp"

#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace canaryd::cli {

struct site_settings {
  // A webhook secret counts as configured: only the daemon may know.
  job::job_rules rules{.webhook_secret_configured = true};
  job::call_budget budget;
};

// limits.min_interval, api.rate_limit, api.window_unit and defaults of a configuration; what else
// is in it is not looked at. Otherwise: what is wrong with those, a line each, as text::describe
// writes it with `file` in front.
std::expected<site_settings, std::vector<std::string>> parse_site_settings(std::string_view bytes,
                                                                           std::string_view file);

// Those of `file`. Where `must_be_there` is false and the file is not there, or not for us to read:
// the built-in ones.
std::expected<site_settings, std::vector<std::string>> load_site_settings(const std::string& file,
                                                                          bool must_be_there);

}  // namespace canaryd::cli
