// Job files: every key, type, bound and default (reference: "Job files").
// config/canary-job.schema.json says the same as a JSON Schema.
#pragma once

#include "canaryd/base/time.hpp"
#include "canaryd/job/job.hpp"
#include "canaryd/text/problem.hpp"

#include <boost/json/object.hpp>

#include <cstddef>
#include <expected>
#include <map>
#include <string>
#include <string_view>

namespace canaryd::job {

inline constexpr std::size_t max_job_file_bytes = 256UZ * 1024;

// What may be the name of a platform: 1 to 63 of a-z 0-9 - _, a letter or digit first.
bool is_platform_name(std::string_view name);

// Where the configuration describes a platform: `api`, or such as `platforms.eu`.
std::string place_of_platform(const std::string& name);

// What the configuration of one platform says about its jobs.
struct platform_rules {
  // See job_rules.
  bool webhook_secret_configured = false;
  duration window_unit = std::chrono::minutes{1};
};

// What the configuration says about job files.
struct job_rules {
  // The shortest validation_interval: limits.min_interval.
  duration min_interval = std::chrono::seconds{5};
  // If false, a job with a webhook_url is refused.
  bool webhook_secret_configured = false;
  // What windows are counted in (api.window_unit): the sequential method's interval and holds are
  // whole numbers of it.
  duration window_unit = std::chrono::minutes{1};
  // The platforms that a job may name, by name. Each replaces the two values above by its own. A
  // job has to name one if there are several. If this is empty, only the form of a name is checked.
  std::map<std::string, platform_rules> platforms = {};
  // The values of keys that a file leaves out, also inside nested objects. Requires that
  // check_job_defaults has found no problem.
  boost::json::object defaults;
};

// Reads a job file as an operator writes it (text/json_text.hpp) and completes it with defaults. If
// it has problems, returns all of them (up to text::max_problems), sorted by place.
std::expected<job, text::problem_list> parse_job_file(std::string_view bytes,
                                                      const job_rules& rules);

// The problems of rules.defaults under these rules, with pointers that begin with "/defaults". The
// defaults may have any optional key of a job file, with the same rules as in a file. A webhook_url
// needs no configured secret here.
text::problem_list check_job_defaults(job_rules rules);

// A job file, without comments, that spells out every key and that parse_job_file reads as the same
// job. `steps` is left out where traffic_matrix and validation_duration say the same. Requires a
// job that parse_job_file or read_stored_job has read; what the latter alone allows is read back by
// it alone.
std::string write_job_file(const job& source);

}  // namespace canaryd::job
