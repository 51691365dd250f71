#include "simulated_daemon.hpp"

#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <stdlib.h>

namespace canaryd::simulation {
namespace fs = std::filesystem;
namespace json = boost::json;
namespace {

fs::path make_directory() {
  auto pattern = (fs::temp_directory_path() / "canaryd-simulation-XXXXXX").string();
  return ::mkdtemp(pattern.data());
}

std::string read_file(const fs::path& file) {
  std::ifstream in{file};
  return {std::istreambuf_iterator<char>{in}, {}};
}

}  // namespace

simulated_daemon::simulated_daemon(std::uint64_t seed, sim::world_options played)
    : directory_{make_directory()},
      engine_{seed},
      world_{std::move(played), async::clock::now()},
      transport_{world_} {
  settings_.api.base_url = "https://api.test/api/v1";
  settings_.api.token_url = "https://api.test/oauth/token";
  settings_.api.client_id = "demo";
  settings_.api.window_unit = 's';
  settings_.jobs_dir = directory_ / "spool";
  auto logger = std::make_shared<spdlog::logger>(
      "simulation", std::make_shared<spdlog::sinks::ostream_sink_st>(log_));
  logger->set_pattern("%l %v");
  logger->set_level(spdlog::level::debug);
  spdlog::set_default_logger(std::move(logger));
}

simulated_daemon::~simulated_daemon() {
  stop();
  if (testing::Test::HasFailure())
    std::cerr << log_.str();
  spdlog::set_default_logger(std::make_shared<spdlog::logger>("none"));
  fs::remove_all(directory_);
}

void simulated_daemon::start() {
  daemon::secrets keys;
  keys.client_id = "demo";
  keys.client_secret = core::secret{std::string_view{"demo-secret"}};
  if (has_webhook_secret_)
    keys.webhook_secret = core::secret{std::string_view{"hook-secret"}};
  fs::create_directories(directory_ / "state");
  auto opened = store::open_sqlite_store(time_.executor(), directory_ / "state" / "state.db",
                                         {.inline_writer = true, .waits_for_disk = false});
  ASSERT_TRUE(opened) << opened.error().text;
  store_ = std::move(*opened);
  app_ = std::make_unique<daemon::app>(
      time_.executor(), daemon::app_inputs{settings_, std::move(keys), transport_, *store_, [this] {
                                             return std::uniform_real_distribution<double>{
                                                 0.0, 1.0}(engine_);
                                           }});
  ended_ = false;
  bool ready = false;
  boost::asio::co_spawn(time_.context(), app_->run([&ready] { ready = true; }),
                        [this](const std::exception_ptr& problem) {
                          ended_ = true;
                          if (problem)
                            std::rethrow_exception(problem);
                        });
  time_.settle();
  ASSERT_TRUE(ready);
}

void simulated_daemon::stop() {
  if (!app_)
    return;
  app_->stop();
  time_.settle();
  EXPECT_TRUE(ended_) << "work was left when the daemon stopped";
  app_.reset();
  store_.reset();
  time_.settle();
}

void simulated_daemon::forget() {
  fs::remove_all(directory_ / "state");
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
  fs::create_directories(folder("incoming"));
  const auto temporary = folder("incoming") / ".dropping";
  std::ofstream{temporary} << text;
  fs::rename(temporary, folder("incoming") / name);
  time_.settle();
}

bool simulated_daemon::has_result(const std::string& job_id) const {
  return fs::exists(folder("done") / (job_id + ".result.json"));
}

json::object simulated_daemon::result_of(const std::string& job_id, core::duration limit) {
  const auto end = async::clock::now() + limit;
  while (!has_result(job_id) && async::clock::now() < end)
    time_.run_for(std::chrono::seconds{1});
  EXPECT_TRUE(has_result(job_id)) << job_id << " has not ended";
  // The records of its end are still on their way.
  time_.run_for(std::chrono::seconds{1});
  const auto text = read_file(folder("done") / (job_id + ".result.json"));
  return text.empty() ? json::object{} : json::parse(text).as_object();
}

std::string simulated_daemon::errors_of(const std::string& stem) {
  time_.run_for(std::chrono::seconds{5});
  return read_file(folder("rejected") / (stem + ".error.json"));
}

std::vector<std::string> simulated_daemon::files_in(std::string_view name) const {
  std::vector<std::string> names;
  for (const auto& file : fs::directory_iterator{folder(name)})
    names.push_back(file.path().filename());
  std::ranges::sort(names);
  return names;
}

std::vector<std::string> simulated_daemon::audits_of(std::string_view job_id) const {
  std::vector<std::string> records;
  for (const auto& record : world_.audits()) {
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
