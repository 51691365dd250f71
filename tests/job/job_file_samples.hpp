// Job files for tests.
#pragma once

#include "canaryd/job/job_file.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>

#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

namespace canaryd::job {

inline constexpr std::string_view smallest = R"({
  "bot_id": "bot_abc123", "environment_id": "env_prod_456", "version": "2.1.0-canary",
  "traffic_matrix": {"stable": 95, "canary": 5}, "max_traffic_percentage": 10
})";

inline const job_rules rules{
    .min_interval = std::chrono::seconds{5}, .webhook_secret_configured = true, .defaults = {}};

// The smallest file with one value set, or removed if `value` is empty. Missing objects around it
// are made.
inline std::string with(std::string_view pointer, std::string_view value) {
  auto file = boost::json::parse(smallest);
  const auto slash = pointer.rfind('/');
  const auto key = pointer.substr(slash + 1);
  auto* object = &file.get_object();
  for (std::size_t at = 1, end = 0; at < slash; at = end + 1) {
    end = pointer.find('/', at);
    object = object->emplace(pointer.substr(at, end - at), boost::json::object{})
                 .first->value()
                 .if_object();
  }
  if (value.empty())
    object->erase(key);
  else
    (*object)[key] = "THE VALUE";
  auto text = boost::json::serialize(file);
  // The value is inserted as text, because not every value survives being parsed and written.
  if (const auto place = text.find(R"("THE VALUE")"); place != std::string::npos)
    text.replace(place, std::string_view{R"("THE VALUE")"}.size(), value);
  return text;
}

inline text::problem_list problems_of(std::string_view text, const job_rules& with_rules = rules) {
  const auto parsed = parse_job_file(text, with_rules);
  return parsed ? text::problem_list{} : parsed.error();
}

inline auto problem_at(std::string_view pointer, std::string_view message) {
  return testing::AllOf(
      testing::Field(&text::problem::pointer, pointer),
      testing::Field(&text::problem::message, testing::HasSubstr(std::string{message})));
}

inline std::string read_example(const std::string& name) {
  std::ifstream file{CANARYD_SOURCE_DIR "/config/jobs/" + name};
  return {std::istreambuf_iterator<char>{file}, {}};
}

}  // namespace canaryd::job
