#include "simulated_daemon.hpp"

#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include "support/read_file.hpp"

namespace canaryd::simulation {
namespace fs = std::filesystem;
namespace json = boost::json;
simulated_daemon::simulated_daemon(std::uint64_t seed, sim::world_options played)
    : machine_{seed, std::move(played)} {
  auto logger = std::make_shared<spdlog::logger>(
      "simulation", std::make_shared<spdlog::sinks::ostream_sink_st>(log_));
  logger->set_pattern("%l %v");
  logger->set_level(spdlog::level::debug);
  spdlog::set_default_logger(std::move(logger));
}

simulated_daemon::~simulated_daemon() {
  machine_.stop();
  for (const auto& problem : machine_.seen().problems())
    ADD_FAILURE() << problem;
  if (testing::Test::HasFailure())
    std::cerr << log_.str();
  spdlog::set_default_logger(std::make_shared<spdlog::logger>("none"));
}

void simulated_daemon::start() {
  machine_.start();
  ASSERT_TRUE(machine_.is_up());
}

json::object simulated_daemon::job(std::string_view version, json::object changes) {
  json::object made{
      {"bot_id", "bot_abc123"},
      {"environment_id", "env_prod_456"},
      {"version", version},
      {"traffic_matrix", json::object{{"stable", 95.0}, {"canary", 5.0}}},
      {"rollback_thresholds",
       json::object{{"error_rate", 0.05}, {"satisfaction_score", 3.5}, {"max_latency_ms", 1500.0}}},
      {"max_traffic_percentage", 10.0},
      {"validation_interval", 30},
      {"validation_duration", 300}};
  for (const auto& [key, value] : changes)
    made[key] = value;
  return made;
}

void simulated_daemon::drop(const std::string& name, const json::object& job) {
  drop_text(name, json::serialize(job));
}

void simulated_daemon::drop_text(const std::string& name, std::string_view text) {
  machine_.drop(name, text);
  machine_.run_for({});
}

bool simulated_daemon::has_result(const std::string& job_id) const {
  return fs::exists(folder("done") / (job_id + ".result.json"));
}

json::object simulated_daemon::result_of(const std::string& job_id, duration limit) {
  const auto end = async::clock::now() + limit;
  while (!has_result(job_id) && async::clock::now() < end)
    machine_.run_for(std::chrono::seconds{1});
  EXPECT_TRUE(has_result(job_id)) << job_id << " has not ended";
  // This lets the last audit records arrive.
  machine_.run_for(std::chrono::seconds{1});
  const auto text = support::read_file(folder("done") / (job_id + ".result.json"));
  return text.empty() ? json::object{} : json::parse(text).as_object();
}

std::string simulated_daemon::errors_of(const std::string& stem) {
  machine_.run_for(std::chrono::seconds{5});
  return support::read_file(folder("rejected") / (stem + ".error.json"));
}

std::vector<std::string> simulated_daemon::audits_of(std::string_view job_id) const {
  std::vector<std::string> records;
  for (const auto& record : world().audits()) {
    if (record.job_id == job_id)
      records.push_back(record.action + "/" + record.status);
  }
  return records;
}

std::size_t simulated_daemon::logged(std::string_view text) const {
  const auto all = log_.str();
  std::size_t count = 0;
  for (auto at = all.find(text); at != std::string::npos; at = all.find(text, at + 1))
    ++count;
  return count;
}

}  // namespace canaryd::simulation
