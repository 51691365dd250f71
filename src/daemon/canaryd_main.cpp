// canaryd: reads the command line and the configuration, and runs the daemon until a signal.
#include "canaryd/daemon/app.hpp"
#include "canaryd/daemon/control_routes.hpp"
#include "canaryd/daemon/control_server.hpp"
#include "canaryd/daemon/core_dumps.hpp"
#include "canaryd/daemon/instance_lock.hpp"
#include "canaryd/daemon/live_events.hpp"
#include "canaryd/daemon/log.hpp"
#include "canaryd/daemon/loop_lag.hpp"
#include "canaryd/daemon/notify.hpp"
#include "canaryd/daemon/options.hpp"
#include "canaryd/store/schema.hpp"
#include "canaryd/store/sqlite_store.hpp"

#include <CLI/CLI.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/signal_set.hpp>
#include <spdlog/spdlog.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <random>

namespace {

using namespace canaryd;
using signal_set = boost::asio::basic_signal_set<async::executor>;

// SPEC section 6.
enum exit_code : int {
  clean_stop = 0,
  usage = 64,
  defect = 70,
  try_later = 75,
  bad_configuration = 78,
};

struct loaded {
  daemon::config settings;
  daemon::secrets keys;
};

std::string credentials_directory() {
  const char* directory = std::getenv("CREDENTIALS_DIRECTORY");
  return directory == nullptr ? "" : directory;
}

// All that is wrong with the configuration or the files that it names, a line each.
std::expected<loaded, std::vector<std::string>> load(const std::string& file) {
  std::string why;
  const auto content = daemon::read_linked(file, daemon::max_config_bytes, why);
  if (!content)
    return std::unexpected{std::vector{file + ": " + why}};
  auto settings = daemon::parse_config(content->bytes, credentials_directory());
  if (!settings) {
    std::vector<std::string> lines;
    for (const auto& problem : settings.error())
      lines.push_back(core::describe(problem, file));
    return std::unexpected{std::move(lines)};
  }
  auto keys = daemon::load_secrets(*settings);
  if (!keys)
    return std::unexpected{std::vector{keys.error().text}};
  return loaded{std::move(*settings), std::move(*keys)};
}

std::function<double()> make_random() {
  std::random_device device;
  std::array<std::uint32_t, 16> words{};
  for (auto& word : words)
    word = device();
  std::seed_seq seed(words.begin(), words.end());
  return [engine = std::mt19937_64{seed}]() mutable {
    return std::uniform_real_distribution<double>{0.0, 1.0}(engine);
  };
}

void reload(const std::string& file, daemon::app& app, net::https_pool& pool) {
  auto wanted = load(file);
  if (!wanted) {
    for (const auto& line : wanted.error())
      daemon::log(core::severity::error, core::topic::reload_refused,
                  "reload refused, going on as before", {{"error", line}});
    return;
  }
  const auto log_options = wanted->settings.log;
  const auto https = daemon::make_https_options(wanted->settings);
  auto done = pool.reconfigure(https);
  if (done)
    done = app.reconfigure(std::move(wanted->settings), std::move(wanted->keys));
  if (!done) {
    daemon::log(core::severity::error, core::topic::reload_refused,
                "reload refused, going on as before", {{"error", done.error().text}});
    return;
  }
  daemon::open_log(log_options.target, log_options.level);
  daemon::log(core::severity::info, core::topic::reloaded, "configuration reloaded");
}

async::task<> watch_signals(signal_set& signals, std::string file, daemon::app& app,
                            net::https_pool& pool) {
  for (;;) {
    const int number = co_await signals.async_wait(async::use_task);
    if (number == SIGHUP) {
      daemon::notify_reloading();
      reload(file, app, pool);
      daemon::notify_ready();
      continue;
    }
    daemon::log(core::severity::info, core::topic::stopping, "stopping");
    daemon::notify_stopping();
    app.stop();
  }
}

async::task<> run_app(daemon::app& app) {
  co_await app.run([] {
    daemon::log(core::severity::info, core::topic::ready, "canaryd is ready",
                {{"version", CANARYD_VERSION}});
    daemon::notify_ready();
  });
}

async::task<> run_until_stopped(signal_set& signals, std::string file, daemon::app& app,
                                net::https_pool& pool, daemon::control_server& control,
                                daemon::control_routes& routes) {
  async::task_group helpers{co_await boost::asio::this_coro::executor, [&app] { app.stop(); }};
  helpers.spawn(watch_signals(signals, std::move(file), app, pool));
  helpers.spawn(control.run([&routes](net::request asked, std::optional<daemon::peer> from) {
    return routes.answer(std::move(asked), std::move(from));
  }));
  helpers.spawn(daemon::feed_watchdog());
  helpers.spawn(daemon::tell_status([&app] { return app.status(); }));
  helpers.spawn(
      daemon::measure_loop_lag([&app](core::duration lag) { app.measures().note_loop_lag(lag); }));
  co_await async::run_and_join(helpers, run_app(app));
}

int run(const std::string& file, loaded given) {
  for (const auto& warning : given.keys.warnings)
    daemon::log(core::severity::warning, core::topic::exposed_secret, warning);
  boost::asio::io_context context{1};
  // From here on a signal waits for somebody who looks: a start that is stopped at once ends as
  // cleanly as any other.
  signal_set signals{context.get_executor(), SIGTERM, SIGINT, SIGHUP};
  auto pool =
      net::make_https_pool(context.get_executor(), daemon::make_https_options(given.settings));
  if (!pool) {
    std::cerr << "canaryd: " << pool.error().text << "\n";
    return bad_configuration;
  }
  const auto lock = daemon::instance_lock::acquire(given.settings.state_dir);
  if (!lock) {
    std::cerr << "canaryd: " << lock.error().text << "\n";
    return try_later;
  }
  const auto place = std::make_shared<daemon::jobs_folder>(daemon::spool{given.settings.jobs_dir});
  const auto claimed = place->claim();
  if (!claimed && claimed.error().kind == core::fault::refused) {
    std::cerr << "canaryd: " << claimed.error().text << "\n";
    return try_later;
  }
  // In any other trouble canaries are watched all the same.
  if (claimed)
    daemon::remove_half_written(place->where());
  const auto state_file = std::filesystem::path{given.settings.state_dir} / "state.db";
  const auto store = store::open_sqlite_store(context.get_executor(), state_file);
  if (!store) {
    std::cerr << "canaryd: " << store.error().text << "\n";
    return store::is_newer_schema(store.error()) ? bad_configuration : try_later;
  }
  const auto control = daemon::control_server::listen(
      context.get_executor(),
      {.socket = given.settings.control_socket, .http = given.settings.http_listen});
  if (!control) {
    std::cerr << "canaryd: " << control.error().text << "\n";
    return try_later;
  }
  if (const auto& corrupt = (*store)->set_aside())
    daemon::log(core::severity::critical, core::topic::state_corrupt,
                "the state was corrupt and is set aside; canaries under way are rolled back",
                {{"file", corrupt->file.native()}, {"error", corrupt->problem}});
  daemon::app app{context.get_executor(),
                  {std::move(given.settings), std::move(given.keys), *pool, **store, make_random(),
                   place, [&store] { return (*store)->restore_file(); }}};
  daemon::control_routes routes{app.control((*control)->listening())};
  const daemon::log_listener heard{[&app](core::severity level, core::topic, std::string_view text,
                                          std::span<const daemon::field> fields) {
    daemon::publish_log(app.events(), level, text, fields);
  }};
  std::exception_ptr problem;
  boost::asio::co_spawn(context, run_until_stopped(signals, file, app, *pool, **control, routes),
                        [&](std::exception_ptr thrown) { problem = std::move(thrown); });
  context.run();
  if (problem)
    std::rethrow_exception(problem);
  daemon::log(core::severity::info, core::topic::stopped, "stopped");
  return clean_stop;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App arguments{
      "canaryd: deploys new bot versions to a share of the traffic, watches them, and "
      "promotes them or rolls them back"};
  std::string file = "/etc/canaryd/canaryd.json";
  bool check_only = false;
  arguments.add_option("--config", file, "Configuration file")->capture_default_str();
  arguments.add_flag("--check-config", check_only, "Validate the configuration and exit: 0 or 78");
  arguments.set_version_flag("--version", std::string{"canaryd "} + CANARYD_VERSION);
  try {
    arguments.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return arguments.exit(error) == 0 ? clean_stop : usage;
  }
  daemon::forbid_core_dumps();
  std::signal(SIGPIPE, SIG_IGN);
  try {
    auto given = load(file);
    if (!given) {
      for (const auto& line : given.error())
        std::cerr << line << "\n";
      return bad_configuration;
    }
    if (check_only)
      return clean_stop;
    daemon::open_log(given->settings.log.target, given->settings.log.level);
    return run(file, std::move(*given));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "canaryd: defect: %s\n", error.what());
    return defect;
  }
}
