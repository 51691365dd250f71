// Prints how often each way of judging rolls back canaries that are healthy, and how soon it
// catches bad ones: a table of Markdown, as in docs/judging.md. Ends with 1 where a study does not
// come out as it has to.
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "studies.hpp"
#include <cstdio>

namespace canaryd::calibration {
namespace {

// Tables and all they are about fit into memory, and a run into an hour.
constexpr std::int64_t most_runs = 1'000'000;

std::string percent(std::int64_t part, std::int64_t whole) {
  return fmt::format("{:.1f} %", 100.0 * static_cast<double>(part) / static_cast<double>(whole));
}

std::string minutes(const std::optional<duration>& time) {
  if (!time)
    return "-";
  return fmt::format("{:.1f} min", std::chrono::duration<double, std::ratio<60>>{*time}.count());
}

void print(const study& what, const findings& found, bool met) {
  fmt::print("| {} | {} | {:.1f} % | {} | {} | {} |{}\n", what.name,
             percent(found.rolled_back, found.canaries), 100.0 * found.upper_bound,
             percent(found.within_5_minutes, found.canaries),
             percent(found.within_an_hour, found.canaries), minutes(found.median_time),
             met ? "" : " <- not as it has to be");
  std::fflush(stdout);
}

int run(std::int64_t canaries, std::uint64_t seed) {
  fmt::print("{} canaries each, alpha 0.05, a reading every 30 s for 8 hours\n\n", canaries);
  fmt::print("| canary | rolled back | at most (95 %) | within 5 min | within 1 h | median |\n");
  fmt::print("| --- | --- | --- | --- | --- | --- |\n");
  bool all_met = true;
  for (const auto& what : all_studies()) {
    const auto found = carry_out(what, canaries, seed);
    const bool met = is_met(what, found);
    print(what, found, met);
    all_met = all_met && met;
  }
  return all_met ? 0 : 1;
}

}  // namespace
}  // namespace canaryd::calibration

int main(int argc, char** argv) {
  CLI::App app{"Calibrates the judgement of canaries."};
  std::int64_t runs = 2000;
  std::uint64_t seed = 1;
  app.add_option("--runs", runs, "Canaries of each kind")
      ->check(CLI::Range(std::int64_t{1}, canaryd::calibration::most_runs));
  app.add_option("--seed", seed, "Another seed gives other canaries");
  CLI11_PARSE(app, argc, argv);
  return canaryd::calibration::run(runs, seed);
}
