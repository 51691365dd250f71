// cognigy-sim is the simulated Cognigy API as a program.
#include "canaryd/sim/cert_dir.hpp"
#include "canaryd/sim/program.hpp"
#include "canaryd/sim/scenario.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <charconv>
#include <cstdio>

namespace {

namespace sim = canaryd::sim;

constexpr int usage_error = 64;
constexpr int defect = 70;
constexpr std::size_t scenario_limit = 1024UL * 1024UL;

constexpr const char* about =
    "A Cognigy API to try canaryd with: deployments, metrics, webhooks and the audit\n"
    "log are simulated, and conversations arrive at random. A version is what its\n"
    "name says: `bad` or `fail` has many errors, `slow` is slow, `unhappy` scores\n"
    "low, any other is healthy. While it runs: GET /sim/state, POST /sim/faults,\n"
    "POST /sim/deployments/ID/promote.";

// The values from the command line. For an absent value the scenario file or the default counts.
struct flags {
  sim::program_options program;
  std::string listen = "127.0.0.1:8443";
  std::string scenario;
  std::optional<double> arrivals;
  std::optional<double> token_lifetime_s;
  std::optional<double> answer_delay_ms;
  std::optional<std::uint64_t> seed;
  double speed = 1.0;
};

void declare(CLI::App& app, flags& given) {
  auto& program = given.program;
  auto& api = program.world.api;
  app.set_version_flag("--version", std::string{"cognigy-sim "} + CANARYD_VERSION);
  app.add_option("--listen", given.listen, "Address and port; port 0 takes a free one")
      ->capture_default_str();
  app.add_option("--port-file", program.port_file, "Write the port to this file once it is open");
  app.add_option("--cert-dir", program.cert_dir,
                 "Directory of the certificates and secrets\n"
                 "[a fresh one below $TMPDIR]");
  app.add_flag("--plain", program.plain, "Use plain http instead of TLS");
  app.add_option("--client-id", api.client_id, "Client that gets a token")->capture_default_str();
  app.add_option("--client-secret", api.client_secret, "Secret of the client")
      ->capture_default_str();
  app.add_option("--arrivals", given.arrivals,
                 "Conversations per minute of each bot, over\nboth arms [6000]")
      ->check(CLI::Range(0.0, 1e8));
  app.add_option("--speed", given.speed, "Multiply the arrivals of all bots by this")
      ->check(CLI::Range(0.0, 1e6))
      ->capture_default_str();
  app.add_option("--token-lifetime", given.token_lifetime_s,
                 "Lifetime of a token in seconds [3600]")
      ->check(CLI::Range(1.0, 1e7));
  app.add_option("--token-bytes", api.token_bytes, "Least length of a token in bytes")
      ->check(CLI::Range(0, 16'384))
      ->capture_default_str();
  app.add_option("--answer-delay", given.answer_delay_ms,
                 "Delay of every answer in milliseconds [0]")
      ->check(CLI::Range(0.0, 1e6));
  app.add_option("--seed", given.seed, "Seed of everything random [1]");
  app.add_option("--scenario", given.scenario, "JSON file with bots, version profiles and faults");
  app.add_flag("--quiet", program.quiet, "Do not print what happens");
  app.add_flag("--log-requests", program.log_requests, "Print a line for every request");
}

// Reads "127.0.0.1:8443", "[::1]:8443" or "localhost:0". Returns false for anything else.
bool read_place(std::string_view text, sim::program_options& options) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos)
    return false;
  auto address = text.substr(0, colon);
  if (address.starts_with('[') && address.ends_with(']'))
    address = address.substr(1, address.size() - 2);
  const auto port = text.substr(colon + 1);
  const auto* const end = port.data() + port.size();
  const auto read = std::from_chars(port.data(), end, options.port);
  options.address = address == "localhost" ? "127.0.0.1" : address;
  return read.ec == std::errc{} && read.ptr == end && !address.empty();
}

// Says why and returns false if the file cannot be used.
bool read_scenario(const std::string& path, sim::world_options& options) {
  const auto bytes = sim::read_text_file(path, scenario_limit);
  if (!bytes) {
    fmt::print(stderr, "cognigy-sim: {}\n", bytes.error().text);
    return false;
  }
  const auto applied = sim::apply_scenario(*bytes, options);
  if (applied)
    return true;
  for (const auto& problem : applied.error())
    fmt::print(stderr, "{}\n", canaryd::text::describe(problem, path));
  return false;
}

canaryd::duration from_seconds(double seconds) {
  return std::chrono::round<canaryd::duration>(std::chrono::duration<double>{seconds});
}

void speed_up(sim::traffic_options& traffic, double factor) {
  traffic.arrivals_per_minute *= factor;
  for (auto& [name, bot] : traffic.bots) {
    if (bot.arrivals_per_minute)
      *bot.arrivals_per_minute *= factor;
  }
}

// Applies the flags after the scenario, so that they override it.
void complete(const flags& given, sim::world_options& world) {
  auto& traffic = world.api.traffic;
  traffic.seed = given.seed.value_or(traffic.seed);
  traffic.arrivals_per_minute = given.arrivals.value_or(traffic.arrivals_per_minute);
  if (given.token_lifetime_s)
    world.api.token_lifetime = from_seconds(*given.token_lifetime_s);
  if (given.answer_delay_ms)
    world.answer_delay = from_seconds(*given.answer_delay_ms / 1000.0);
  speed_up(traffic, given.speed);
}

int run(int argc, char** argv) {
  CLI::App app{about, "cognigy-sim"};
  flags given;
  declare(app, given);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& problem) {
    return app.exit(problem) == 0 ? 0 : usage_error;
  }
  auto& options = given.program;
  if (!read_place(given.listen, options)) {
    fmt::print(stderr, "cognigy-sim: --listen must look like 127.0.0.1:8443\n");
    return usage_error;
  }
  if (!given.scenario.empty() && !read_scenario(given.scenario, options.world))
    return usage_error;
  complete(given, options.world);
  return sim::run_program(std::move(options));
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& problem) {
    fmt::print(stderr, "cognigy-sim: defect: {}\n", problem.what());
    return defect;
  }
}
