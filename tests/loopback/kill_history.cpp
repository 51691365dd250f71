#include "kill_history.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <signal.h>
#include <sstream>
#include <thread>

namespace canaryd::loopback {
namespace fs = std::filesystem;
namespace json = boost::json;
using namespace std::chrono_literals;

namespace {

constexpr int bots = 60;
constexpr int jobs_of_a_bot = 5;
constexpr auto longest_history = 200s;

// Every kind of trouble that a daemon can survive if it lives only for a second.
constexpr const char* faults = R"({
  "seed": 7,
  "arrivals": 600000,
  "faults": [
    {"kind": "lost_after", "rate": 0.03, "delay": "20ms"},
    {"kind": "lost_after", "rate": 0.1, "delay": "20ms", "calls": ["deploy", "promote", "rollback"]},
    {"kind": "lost_before", "rate": 0.02, "delay": "20ms"},
    {"kind": "status", "rate": 0.03, "status": 503},
    {"kind": "status_after", "rate": 0.02, "status": 502},
    {"kind": "unauthorized", "rate": 0.01},
    {"kind": "no_id", "rate": 0.05, "calls": ["deploy"]},
    {"kind": "slow", "rate": 0.03, "delay": "300ms"}
  ]
})";

std::string write_scenario(const fs::path& file) {
  write_file(file, faults);
  return file;
}

}  // namespace

kill_history::kill_history(std::uint64_t seed)
    : random_{seed}, here_{{"--scenario", write_scenario(scenario_.path() / "faults.json")}} {
  here_.configure({{"request_timeout", "2s"}});
  plan_jobs();
}

int kill_history::roll(int least, int most) {
  return std::uniform_int_distribution{least, most}(random_);
}

std::chrono::milliseconds kill_history::roll_time(int least_ms, int most_ms) {
  return std::chrono::milliseconds{roll(least_ms, most_ms)};
}

void kill_history::plan_jobs() {
  for (int number = 0; number < bots * jobs_of_a_bot; ++number) {
    // All jobs of a bot are alike, because a window of whole seconds begins before the deploy and
    // includes the predecessor's conversations.
    const bool is_bad = number % bots % 4 == 0;
    jobs_.push_back({.name = fmt::format("job-{}", number),
                     .bot = fmt::format("bot_{}", number % bots),
                     .version = fmt::format("1.0.{}{}", number, is_bad ? "-bad" : ""),
                     .is_bad = is_bad});
  }
}

void kill_history::drop_next() {
  const auto& job = jobs_[dropped_++];
  const auto hold = roll(4, 6) * 500;
  json::object changes{{"bot_id", job.bot},
                       {"validation_interval", fmt::format("{}ms", roll(1, 4) * 250)},
                       {"validation_duration", fmt::format("{}ms", hold)}};
  if (roll(1, 3) == 1)
    changes["webhook_url"] = "https://ci-cd.example.com/hooks/" + job.bot;
  here_.drop(job.name, job.version, changes);
}

void kill_history::drop_some_until(clock::time_point end) {
  while (clock::now() < end) {
    for (int count = roll(0, 8); count > 0 && dropped_ < jobs_.size(); --count)
      drop_next();
    std::this_thread::sleep_until(std::min(end, clock::now() + roll_time(5, 200)));
  }
}

// One life of the daemon. Returns false if it ended by itself.
bool kill_history::live_and_die() {
  const auto daemon = here_.start();
  drop_some_until(clock::now() + roll_time(20, 1500));
  if (const auto code = daemon->wait(0ms)) {
    problem_ = fmt::format("the daemon ended by itself with {}: {}", *code, daemon->output());
    return false;
  }
  daemon->signal(SIGKILL);
  daemon->wait();
  ++kills_;
  return true;
}

bool kill_history::is_done() const {
  return dropped_ == jobs_.size() && std::ranges::all_of(jobs_, [this](const auto& job) {
           return fs::exists(here_.file("jobs/done/" + job.name + ".result.json"));
         });
}

// The last life, with an API that works. It lasts until every record is delivered.
bool kill_history::end_in_peace() {
  here_.ask_sim("DELETE", "/sim/faults");
  const auto daemon = here_.start();
  if (!daemon->says("canaryd is ready"))
    problem_ = "the last start is never ready";
  else if (!eventually([this] { return here_.undelivered_records() == 0; }))
    problem_ = "records are never delivered";
  daemon->signal(SIGTERM);
  if (const auto code = daemon->wait(); code != 0)
    problem_ = fmt::format("the last stop ended with {}", code.value_or(-1));
  return problem_.empty();
}

bool kill_history::play() {
  // A first, short life makes the folders.
  const auto first = here_.start();
  if (!first->says("canaryd is ready")) {
    problem_ = "the first start is never ready";
    return false;
  }
  first->signal(SIGKILL);
  first->wait();
  const auto end = clock::now() + longest_history;
  while (!is_done()) {
    if (clock::now() >= end)
      problem_ = fmt::format("not done after {} kills", kills_);
    if (!problem_.empty() || !live_and_die())
      return false;
  }
  if (!end_in_peace())
    return false;
  api_ = here_.ask_sim("GET", "/sim/state");
  return true;
}

json::object kill_history::result_of(const dropped_job& job) const {
  const auto text = read_file(here_.file("jobs/done/" + job.name + ".result.json"));
  return text.empty() ? json::object{} : json::parse(text).as_object();
}

std::string kill_history::log_of(const dropped_job& job) const {
  std::ifstream log{here_.file("canaryd.log")};
  std::string lines;
  for (std::string line; std::getline(log, line);) {
    if ((line + ' ').contains("job=" + job.name + ' '))
      lines += line + '\n';
  }
  return lines;
}

}  // namespace canaryd::loopback
