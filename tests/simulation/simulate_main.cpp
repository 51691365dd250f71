// Plays histories of the whole daemon: `simulate --help`.
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "crash_sweep.hpp"
#include "random_history.hpp"
#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <functional>
#include <optional>
#include <random>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace canaryd::simulation {
namespace {

using steady = std::chrono::steady_clock;

struct asked {
  std::optional<std::uint64_t> seed;
  std::uint64_t histories = 0;
  std::string time;
  std::vector<std::string> scenarios;
  std::optional<std::uint64_t> at;
  bool sweep = false;
  bool twice = false;
  std::uint64_t every = 1;
  bool other_version = false;
  bool verbose = false;
  unsigned workers = 4;
};

struct tally {
  std::uint64_t histories = 0;
  std::uint64_t jobs = 0;
  std::uint64_t points = 0;
  std::uint64_t crashes = 0;
  std::uint64_t failures = 0;
};

// Work for one of several processes: `share` of `all`.
using work = std::function<tally(unsigned share, unsigned all)>;

// Runs the work in several processes, because the simulation has one clock per process. Workers
// often wait for the kernel, so there may be more of them than cores.
tally in_parallel(unsigned workers, const work& what) {
  std::vector<std::pair<pid_t, int>> started;
  std::fflush(nullptr);
  for (unsigned share = 0; share < workers; ++share) {
    int ends[2];
    if (::pipe(ends) != 0)
      throw std::runtime_error{"no pipe"};
    const pid_t child = ::fork();
    if (child == 0) {
      const auto done = what(share, workers);
      std::fflush(stdout);
      const bool told = ::write(ends[1], &done, sizeof(done)) == sizeof(done);
      ::_exit(told ? 0 : 1);
    }
    ::close(ends[1]);
    started.emplace_back(child, ends[0]);
  }
  tally whole;
  for (const auto& [child, end] : started) {
    tally part;
    const bool told = ::read(end, &part, sizeof(part)) == sizeof(part);
    int status = 0;
    ::waitpid(child, &status, 0);
    whole.histories += part.histories;
    whole.jobs += part.jobs;
    whole.points += part.points;
    whole.crashes += part.crashes;
    whole.failures += part.failures + (told && status == 0 ? 0 : 1);
  }
  return whole;
}

// The seed of the history that a worker plays, to report it if the worker dies.
std::uint64_t current_seed = 0;

void tell_seed(int number) {
  std::array<char, 64> line{};
  const int length = std::snprintf(line.data(), line.size(), "FAILED: seed %llu: signal %d\n",
                                   static_cast<unsigned long long>(current_seed), number);
  (void)!::write(STDOUT_FILENO, line.data(), static_cast<std::size_t>(length));
  std::signal(number, SIG_DFL);
  std::raise(number);
}

void play_one(const history& what, std::string_view replay, bool verbose, tally& done) {
  const auto course = play(what, verbose);
  ++done.histories;
  done.jobs += course.outcomes.size();
  done.points += course.points;
  done.crashes += static_cast<std::uint64_t>(course.crashes);
  if (verbose) {
    for (const auto& [job, outcome] : course.outcomes)
      fmt::print("{:>14} {}\n", job, outcome);
  }
  if (course.problems.empty())
    return;
  ++done.failures;
  fmt::print("FAILED: replay: scripts/simulate {} --verbose\n", replay);
  for (const auto& problem : course.problems)
    fmt::print("  {}\n", problem);
  std::fflush(stdout);
}

int report(const tally& done, steady::duration took) {
  const double seconds = std::chrono::duration<double>{took}.count();
  fmt::print(
      "{} histories, {} jobs, {} crashes, {} points in {:.1f} s: {:.1f} histories a second\n",
      done.histories, done.jobs, done.crashes, done.points, seconds,
      static_cast<double>(done.histories) / seconds);
  fmt::print("{} passed, {} failed\n", done.histories - std::min(done.histories, done.failures),
             done.failures);
  return done.failures == 0 ? 0 : 1;
}

// Reads "60s" or "5m".
std::chrono::seconds parse_time(const std::string& text) {
  const auto count = std::stol(text);
  return std::chrono::seconds{text.ends_with("m") ? count * 60 : count};
}

int play_random(const asked& wanted) {
  const auto first = wanted.seed.value_or(std::random_device{}());
  const auto begin = steady::now();
  const auto end =
      wanted.time.empty() ? steady::time_point::max() : begin + parse_time(wanted.time);
  const auto count = wanted.time.empty() ? std::max<std::uint64_t>(1, wanted.histories)
                                         : std::numeric_limits<std::uint64_t>::max();
  if (count > 1)
    fmt::print("seeds from {} on\n", first);
  const auto workers = count == 1 ? 1 : wanted.workers;
  const auto done = in_parallel(workers, [&](unsigned share, unsigned all) {
    tally part;
    for (std::uint64_t n = share; n < count && steady::now() < end; n += all) {
      current_seed = first + n;
      play_one(make_random_history(current_seed), fmt::format("--seed {}", current_seed),
               wanted.verbose, part);
    }
    return part;
  });
  return report(done, steady::now() - begin);
}

// Plays one history of a sweep, with a crash at one point.
int play_crash(const asked& wanted) {
  const auto begin = steady::now();
  tally done;
  for (auto& what : all_scenarios()) {
    if (wanted.scenarios.empty() || what.name != wanted.scenarios.front())
      continue;
    what.story.crashes = {{*wanted.at, loss::process}};
    what.story.changes_versions = wanted.other_version;
    play_one(what.story, fmt::format("--scenario {} --at {}", what.name, *wanted.at),
             wanted.verbose, done);
  }
  return report(done, steady::now() - begin);
}

struct swept_scenario {
  scenario what;
  loss how;
  std::uint64_t then_after;
};

std::vector<swept_scenario> sweeps(const asked& wanted) {
  std::vector<swept_scenario> all;
  for (const auto& what : all_scenarios()) {
    if (!wanted.scenarios.empty() &&
        std::ranges::find(wanted.scenarios, what.name) == wanted.scenarios.end())
      continue;
    all.push_back({what, loss::process, 0});
    if (!wanted.twice)
      continue;
    all.push_back({what, loss::power, 0});
    for (const std::uint64_t after : {3U, 8U, 20U})
      all.push_back({what, loss::process, after});
  }
  return all;
}

int sweep_all(const asked& wanted) {
  const auto begin = steady::now();
  const auto todo = sweeps(wanted);
  const auto seed = wanted.seed.value_or(std::random_device{}() % 1'000'000);
  if (wanted.every > 1)
    fmt::print("one point of {}: --sweep --every {} --seed {}\n", wanted.every, wanted.every, seed);
  const auto done = in_parallel(wanted.workers, [&](unsigned share, unsigned all) {
    tally part;
    for (std::size_t n = share; n < todo.size(); n += all) {
      const auto& [what, how, then_after] = todo[n];
      // Each sweep begins at another point, so that one scenario is tried at many points.
      const sample which{.every = wanted.every, .first = (seed + n) % wanted.every};
      const auto swept = sweep(what, how, then_after, which);
      part.histories += swept.points;
      part.points += swept.points;
      part.crashes += swept.points * (then_after > 0 ? 2 : 1);
      part.failures += swept.problems.size();
      fmt::print("{:18} {:4} points, {}{}: {}\n", what.name, swept.points,
                 how == loss::power ? "power lost" : "killed",
                 then_after > 0 ? fmt::format(", and again {} points later", then_after) : "",
                 swept.problems.empty() ? "ok" : "FAILED");
      for (const auto& problem : swept.problems)
        fmt::print("  {}\n", problem);
      std::fflush(stdout);
    }
    return part;
  });
  return report(done, steady::now() - begin);
}

}  // namespace
}  // namespace canaryd::simulation

int main(int argc, char** argv) {
  using namespace canaryd::simulation;
  CLI::App arguments{"simulate: plays histories of the whole daemon in virtual time"};
  asked wanted;
  arguments.add_option("--seed", wanted.seed, "The first history's seed (default: random)");
  arguments.add_option("--histories", wanted.histories, "Number of random histories");
  arguments.add_option("--for", wanted.time, "Play random histories for this time, e.g. 60s or 5m");
  arguments.add_flag("--sweep", wanted.sweep, "Crash at every point of every scenario instead");
  arguments.add_option("--scenario", wanted.scenarios, "Sweep only these scenarios");
  arguments.add_option("--at", wanted.at, "Crash only at this point of the scenario");
  arguments.add_flag("--twice", wanted.twice,
                     "Sweep with losses of power, and with second crashes, too");
  arguments
      .add_option("--every", wanted.every, "Sweep one point in this many; the seed decides which")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  arguments.add_flag("--other-version", wanted.other_version,
                     "With --at: another version of the program runs before the restart");
  arguments.add_flag("--verbose", wanted.verbose, "Show what the daemon says");
  arguments.add_option("--workers", wanted.workers, "Number of processes")->capture_default_str();
  std::signal(SIGABRT, tell_seed);
  std::signal(SIGSEGV, tell_seed);
  CLI11_PARSE(arguments, argc, argv);
  if (wanted.at)
    return play_crash(wanted);
  return wanted.sweep ? sweep_all(wanted) : play_random(wanted);
}
