// canaryd reads the command line and the configuration, and runs the daemon until a signal.
#include "canaryd/daemon/app.hpp"
#include "canaryd/daemon/control/control_routes.hpp"
#include "canaryd/daemon/control/control_server.hpp"
#include "canaryd/daemon/control/live_events.hpp"
#include "canaryd/daemon/core_dumps.hpp"
#include "canaryd/daemon/intake/instance_lock.hpp"
#include "canaryd/daemon/online_check.hpp"
#include "canaryd/daemon/reloading.hpp"
#include "canaryd/daemon/starting.hpp"
#include "canaryd/daemon/tell/log.hpp"
#include "canaryd/daemon/tell/loop_lag.hpp"
#include "canaryd/daemon/tell/notify.hpp"
#include "canaryd/store/sqlite/schema.hpp"
#include "canaryd/store/sqlite/sqlite_store.hpp"
#include "canaryd/text/text.hpp"

#include <CLI/CLI.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/signal_set.hpp>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <random>

namespace {

using namespace canaryd;
using signal_set = boost::asio::basic_signal_set<async::executor>;

// The exit codes of the daemon (reference: "Exit codes").
enum exit_code : int {
  clean_stop = 0,
  usage = 64,
  defect = 70,
  try_later = 75,
  bad_configuration = 78,
};

int say_refused(const std::vector<std::string>& lines) {
  for (const auto& line : lines)
    daemon::tell_stderr(line);
  return bad_configuration;
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

int check_online(daemon::loaded_config given) {
  boost::asio::io_context context{1};
  daemon::https_pools pools{context.get_executor(), std::move(given.https)};
  std::vector<daemon::platform_report> reports;
  std::exception_ptr problem;
  boost::asio::co_spawn(
      context,
      daemon::check_platforms(
          given.settings, given.keys,
          [&pools](const std::string& platform) -> net::transport& { return pools.of(platform); },
          make_random()),
      [&](std::exception_ptr thrown, std::vector<daemon::platform_report> told) {
        problem = std::move(thrown);
        reports = std::move(told);
      });
  context.run();
  if (problem)
    std::rethrow_exception(problem);
  for (const auto& each : reports)
    std::puts(text::printable(daemon::describe(each)).c_str());
  const bool all_well =
      std::ranges::all_of(reports, [](const auto& each) { return each.outcome.has_value(); });
  return all_well ? clean_stop : try_later;
}

int check(const std::string& file, bool online) {
  auto given = daemon::load_config(file, daemon::credentials_for_check());
  if (!given)
    return say_refused(given.error());
  for (const auto& each : {given->keys.warnings, given->keys.unchecked}) {
    for (const auto& line : each)
      daemon::tell_stderr(line);
  }
  return online ? check_online(*std::move(given)) : clean_stop;
}

async::task<> watch_signals(signal_set& signals, daemon::app& app, daemon::reloader& reloads) {
  for (;;) {
    const int number = co_await signals.async_wait(async::use_task);
    if (number == SIGHUP) {
      reloads.reload();
      continue;
    }
    daemon::log(severity::info, topic::stopping, "stopping");
    daemon::notify_stopping();
    app.stop();
  }
}

async::task<> run_app(daemon::app& app) {
  co_await app.run([] {
    daemon::log(severity::info, topic::ready, "canaryd is ready", {{"version", CANARYD_VERSION}});
    daemon::notify_ready();
  });
}

async::task<> run_until_stopped(signal_set& signals, daemon::app& app, daemon::reloader& reloads,
                                daemon::control_server& control, daemon::control_routes& routes) {
  async::task_group helpers{co_await boost::asio::this_coro::executor, [&app] { app.stop(); }};
  helpers.spawn(watch_signals(signals, app, reloads));
  helpers.spawn(control.run([&routes](net::request asked, std::optional<daemon::peer> from) {
    return routes.answer(std::move(asked), std::move(from));
  }));
  helpers.spawn(daemon::feed_watchdog());
  helpers.spawn(daemon::tell_status([&app] { return app.status(); }));
  helpers.spawn(
      daemon::measure_loop_lag([&app](duration lag) { app.measures().note_loop_lag(lag); }));
  co_await async::run_and_join(helpers, run_app(app));
}

// What only one daemon at a time may have.
struct possessions {
  daemon::instance_lock lock;
  std::shared_ptr<daemon::jobs_folder> folder;
  std::unique_ptr<store::sqlite_store> store;
  std::unique_ptr<daemon::control_server> control;
};

std::unexpected<exit_code> cannot_start(const error& problem, exit_code ends_with = try_later) {
  daemon::tell_stderr("canaryd: " + problem.text);
  return std::unexpected{ends_with};
}

std::expected<possessions, exit_code> take_possession(const async::executor& ex,
                                                      const daemon::config& settings) {
  auto lock = daemon::instance_lock::acquire(settings.state_dir);
  if (!lock)
    return cannot_start(lock.error());
  auto folder = std::make_shared<daemon::jobs_folder>(daemon::spool{settings.jobs_dir});
  const auto claimed = folder->claim();
  if (!claimed && claimed.error().kind == fault::refused)
    return cannot_start(claimed.error());
  // Any other trouble with jobs_dir does not keep the daemon from watching canaries.
  if (claimed)
    daemon::remove_half_written(folder->where());
  auto store = store::open_sqlite_store(ex, std::filesystem::path{settings.state_dir} / "state.db");
  if (!store) {
    return cannot_start(store.error(),
                        store::is_newer_schema(store.error()) ? bad_configuration : try_later);
  }
  auto control = daemon::control_server::listen(
      ex, {.socket = settings.control_socket, .http = settings.http_listen});
  if (!control)
    return cannot_start(control.error());
  if (const auto& corrupt = (*store)->set_aside())
    daemon::log(severity::critical, topic::state_corrupt,
                "the state was corrupt and is set aside; canaries under way are rolled back",
                {{"file", corrupt->file.native()}, {"error", corrupt->problem}});
  return possessions{*std::move(lock), std::move(folder), *std::move(store), *std::move(control)};
}

int run(const std::string& file, const daemon::credential_sources& credentials,
        daemon::start_config start) {
  auto& given = start.given;
  daemon::warn_of_exposed(given.keys);
  boost::asio::io_context context{1};
  // From here on a signal is kept until watch_signals() runs, so that a daemon that is stopped
  // during its start still ends cleanly.
  signal_set signals{context.get_executor(), SIGTERM, SIGINT, SIGHUP};
  daemon::https_pools pools{context.get_executor(), std::move(given.https)};
  const auto own = take_possession(context.get_executor(), given.settings);
  if (!own)
    return own.error();
  daemon::app app{
      context.get_executor(),
      {std::move(given.settings), std::move(given.keys),
       [&pools](const std::string& platform) -> net::transport& { return pools.of(platform); },
       *own->store, make_random(), own->folder, [&own] { return own->store->restore_file(); }}};
  daemon::reloader reloads{file, credentials, app, pools};
  if (start.refused.empty())
    reloads.began_with(given.text);
  else
    reloads.began_without_file(std::move(start.refused), start.accepted_at);
  auto backend = app.control([&own] { return own->control->listening(); });
  backend.reload = [&reloads] { return reloads.reload(); };
  daemon::control_routes routes{std::move(backend)};
  const daemon::log_listener heard{
      [&app](severity level, topic, std::string_view text, std::span<const daemon::field> fields) {
        daemon::publish_log(app.events(), level, text, fields);
      }};
  std::exception_ptr problem;
  boost::asio::co_spawn(context, run_until_stopped(signals, app, reloads, *own->control, routes),
                        [&](std::exception_ptr thrown) { problem = std::move(thrown); });
  context.run();
  if (problem)
    std::rethrow_exception(problem);
  daemon::log(severity::info, topic::stopped, "stopped");
  return clean_stop;
}

int start(int argc, char** argv) {
  CLI::App arguments{
      "canaryd: deploys new bot versions to a share of the traffic, watches them, and\n"
      "promotes them or rolls them back"};
  std::string file = "/etc/canaryd/canaryd.json";
  bool check_only = false;
  arguments.add_option("--config", file, "Configuration file")->capture_default_str();
  auto* check_config =
      arguments.add_flag("--check-config", check_only,
                         "Check everything that a start needs from the configuration, and exit "
                         "with 0 or 78");
  bool online = false;
  arguments
      .add_flag("--online", online,
                "With --check-config: ask each platform too, say for each ok or what is wrong, and "
                "exit with 75 if anything is")
      ->needs(check_config);
  arguments.set_version_flag("--version", std::string{"canaryd "} + CANARYD_VERSION);
  try {
    arguments.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return arguments.exit(error) == 0 ? clean_stop : usage;
  }
  daemon::forbid_core_dumps();
  std::signal(SIGPIPE, SIG_IGN);
  // The accepted configuration is kept under this name, so it must not depend on the working
  // folder.
  file = std::filesystem::absolute(file).lexically_normal();
  if (check_only)
    return check(file, online);
  const auto credentials = daemon::own_credentials();
  auto loaded = daemon::load_for_start(file, credentials);
  if (!loaded)
    return say_refused(loaded.error());
  const auto& log_to = loaded->given.settings.log;
  daemon::open_log(log_to.target, log_to.level);
  const int code = run(file, credentials, *std::move(loaded));
  daemon::close_log();
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return start(argc, argv);
  } catch (const std::exception& error) {
    daemon::close_log();
    daemon::tell_stderr(std::string{"canaryd: this is a defect of canaryd: "} + error.what());
    return defect;
  }
}
