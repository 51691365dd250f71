#include "machine.hpp"

#include <boost/asio/co_spawn.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spdlog/spdlog.h>
#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <fcntl.h>
#include <fstream>
#include <stdexcept>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

namespace canaryd::simulation {
namespace fs = std::filesystem;
namespace {

// A file in jobs_dir that is younger than this may lose its contents when the power fails.
constexpr std::chrono::seconds unsafe_file_age{30};
// A longer log is moved into the database.
constexpr std::uintmax_t longest_log = 1U << 20U;

fs::path make_directory() {
  auto pattern = (fs::temp_directory_path() / "canaryd-simulation-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr)
    throw std::runtime_error{"no temporary directory"};
  return pattern;
}

}  // namespace

machine::machine(std::uint64_t seed, sim::world_options played)
    : root_{make_directory()},
      engine_{seed},
      world_{std::move(played), async::clock::now()},
      transport_{world_},
      gated_transport_{gate_, ledger_, transport_} {
  settings_.api().base_url = "https://api.test/api/v1";
  settings_.api().token_url = "https://api.test/oauth/token";
  settings_.api().client_id = "demo";
  settings_.api().window_unit = 's';
  fs::create_directories(directory());
  count_turns();
}

machine::~machine() {
  if (is_up())
    dismantle();
  std::error_code ignored;
  fs::remove_all(root_, ignored);
}

fs::path machine::directory() const {
  return root_ / fmt::format("life-{}", generation_);
}

store::sqlite_options machine::store_options() {
  store::sqlite_options options{.inline_writer = true, .waits_for_disk = false};
  options.time.boot_id = [this] { return fmt::format("boot-{}", boot_); };
  options.hooks.before_transaction = [this](sqlite3* state) {
    // The log only grows, so its size says how much of it survives a power loss.
    sqlite3_wal_autocheckpoint(state, 0);
    sqlite3_db_config(state, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    if (safe_log_size_ > longest_log &&
        sqlite3_wal_checkpoint_v2(state, nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr) ==
            SQLITE_OK)
      safe_log_size_ = 0;
  };
  options.hooks.before_commit = [this](bool) {
    // After this error the store moves its log into the file, and SQLite syncs the log for that.
    if (disk_fails_with_ == SQLITE_FULL)
      note_barrier(true);
    return disk_fails_with_;
  };
  options.hooks.committed = [this](bool synced) { note_barrier(synced); };
  return options;
}

void machine::note_barrier(bool synced) {
  std::error_code missing;
  const auto size = fs::file_size(directory() / "state" / "state.db-wal", missing);
  if (synced && !missing)
    safe_log_size_ = size;
}

// Called while the daemon is down.
void machine::visit_of_other_version() {
  const auto file = directory() / "state" / "state.db";
  if (!fs::exists(file) || (!changes_versions_ && !wants_hidden_ && hidden_job().empty()))
    return;
  check_versions();
  if (const auto hidden = hidden_job(); !wants_hidden_ && !hidden.empty()) {
    if (auto problem = other_.show_job(file))
      ledger_.note_problem(*std::move(problem));
    if (deployments_beside(hidden) != deployments_before_)
      ledger_.note_problem(hidden + ": its bot was given a second canary while it was unreadable");
  }
  if (changes_versions_)
    other_.run(file);
  if (wants_hidden_ && hidden_job().empty() && other_.hide_one(file, *wants_hidden_))
    deployments_before_ = deployments_beside(hidden_job());
  // All of it is in the file by now.
  safe_log_size_ = 0;
}

// The number of deployments of other versions of that job's bot and environment. Returns nothing if
// the job is queued, because another canary may be live.
std::optional<std::size_t> machine::deployments_beside(const std::string& job_id) const {
  const auto& job = ledger_.jobs().at(job_id);
  if (job.state == canary::canary_state::queued)
    return std::nullopt;
  const auto& spec = job.spec;
  return static_cast<std::size_t>(
      std::ranges::count_if(world_.deployments(), [&](const sim::deployment_record& each) {
        return each.bot_id == spec.bot_id && each.environment_id == spec.environment_id &&
               each.version != spec.version;
      }));
}

void machine::hide_job(const std::string& job_id, const std::string& change) {
  other_.hide(directory() / "state" / "state.db", job_id, change);
  deployments_before_ = deployments_beside(job_id);
  wants_hidden_ = 0.0;
  safe_log_size_ = 0;
}

void machine::edit_state(const char* sql) {
  store::connection state{directory() / "state" / "state.db"};
  state.execute(sql);
  if (const auto done = state.outcome(); !done)
    throw std::logic_error{done.error().text};
}

void machine::inherit_state(const std::string& sql) {
  fs::create_directories(directory() / "state");
  edit_state(sql.c_str());
  has_inherited_ = true;
}

void machine::check_versions() {
  const auto file = directory() / "state" / "state.db";
  for (auto& problem : other_.lost(file))
    ledger_.note_problem(std::move(problem));
}

void machine::open_store() {
  fs::create_directories(directory() / "state");
  visit_of_other_version();
  auto opened = store::open_sqlite_store(time_.executor(), directory() / "state" / "state.db",
                                         store_options());
  if (!opened)
    throw std::runtime_error{opened.error().text};
  if ((*opened)->set_aside())
    throw std::logic_error{"the state is corrupt: " + (*opened)->set_aside()->problem};
  sqlite_ = std::move(*opened);
  // All of it is in the file by now.
  note_barrier(true);
  const auto unfinished = ask(sqlite_->unfinished_jobs());
  if (!unfinished)
    throw std::logic_error{"the state cannot be read"};
  for (const auto& lost : unfinished->unreadable) {
    if (lost.job_id != hidden_job())
      throw std::logic_error{lost.job_id + " cannot be read: " + lost.problem};
  }
  if (std::exchange(has_inherited_, false))
    std::ranges::for_each(unfinished->jobs, [this](const auto& job) { ledger_.accepted(job); });
  ledger_.restarted(*unfinished, async::clock::now());
}

daemon::secrets machine::keys() const {
  daemon::secrets all;
  for (const auto& [name, settings] : settings_.platforms) {
    auto& own = all.platforms[name];
    own.client_id = settings.client_id;
    own.client_secret = text::secret{std::string_view{"demo-secret"}};
    if (has_webhook_secret_)
      own.webhook_secret = text::secret{std::string_view{"hook-secret"}};
  }
  return all;
}

void machine::add_platform(const std::string& name, net::transport& way) {
  auto added = settings_.api();
  added.place = "platforms." + name;
  added.base_url = "https://" + name + ".test/api/v1";
  added.token_url = "https://" + name + ".test/oauth/token";
  settings_.platforms.emplace(name, std::move(added));
  ways_.emplace(name, &way);
}

net::transport& machine::way_to(const std::string& platform) {
  const auto other = ways_.find(platform);
  return other == ways_.end() ? static_cast<net::transport&>(gated_transport_) : *other->second;
}

void machine::start() {
  settings_.jobs_dir = directory() / "spool";
  settings_.state_dir = directory() / "state";
  settings_.audit.file = directory() / "audit.jsonl";
  open_store();
  gated_store_ = std::make_unique<gated_store>(gate_, ledger_, *sqlite_);
  app_ = std::make_unique<daemon::app>(
      time_.executor(),
      daemon::app_inputs{
          settings_, keys(),
          [this](const std::string& platform) -> net::transport& { return way_to(platform); },
          *gated_store_,
          [this] { return std::uniform_real_distribution<double>{0.0, 1.0}(engine_); }, nullptr,
          [this] { return sqlite_->restore_file(); }, daemon::file_work::on_loop});
  ended_ = false;
  bool ready = false;
  boost::asio::co_spawn(time_.context(), app_->run([&ready] { ready = true; }),
                        [this](const std::exception_ptr& problem) {
                          ended_ = true;
                          // A dead daemon has no defects.
                          defect_ = gate_.is_open() ? problem : nullptr;
                        });
  run_until(async::clock::now());
  if (is_up() && !ready)
    throw std::logic_error{"the daemon does not become ready"};
  if (is_up())
    operator_.visit(*app_);
}

void machine::run_until(instant limit) {
  // A suspend may have moved the time past `limit`.
  time_.run_until(std::max(limit, async::clock::now()));
  if (!gate_.is_open())
    crash(planned_loss_);
  if (ended_ && defect_)
    std::rethrow_exception(defect_);
}

void machine::stop() {
  if (!is_up())
    return;
  operator_.leave();
  app_->stop();
  run_until(async::clock::now());
  if (!is_up())
    return;
  if (!ended_)
    throw std::logic_error{"work was left when the daemon stopped"};
  app_.reset();
  sqlite_.reset();
  ledger_.went_down(async::clock::now());
}

void machine::reload_in_error() {
  if (!is_up() || !app_->jobs().has_jobs())
    return;
  auto wrong = settings_;
  wrong.api().base_url = "https://elsewhere.test/api/v1";
  wrong.api().request_timeout = std::chrono::milliseconds{1};
  wrong.api().rate_limit = {.requests = 1, .per = std::chrono::hours{24}};
  wrong.limits.min_interval = std::chrono::hours{1};
  if (app_->reconfigure(std::move(wrong), keys()))
    throw std::logic_error{"another API was taken while a job is active"};
}

void machine::crash_at(std::uint64_t point, loss what) {
  planned_loss_ = what;
  gate_.close_at(point);
}

void machine::crash(loss what) {
  gate_.close();
  ++crashes_;
  ledger_.went_down(async::clock::now());
  // The folder is renamed, so that the dead daemon finds no files under its old names.
  const auto before = directory();
  ++generation_;
  fs::rename(before, directory());
  dismantle();
  std::error_code ignored;
  fs::remove_all(before, ignored);
  if (what == loss::power)
    lose_power();
  gate_.open();
}

// Destroys the daemon's coroutines. The gate is closed, so this has no effect on the world.
void machine::dismantle() {
  gate_.close();
  time_.resume();
  time_.on_turn({});
  const auto logger = spdlog::default_logger();
  spdlog::set_default_logger(std::make_shared<spdlog::logger>("none"));
  operator_.leave();
  app_->stop();
  time_.settle();
  if (!ended_)
    throw std::logic_error{"work was left when the daemon was taken apart"};
  app_.reset();
  gated_store_.reset();
  sqlite_.reset();
  spdlog::set_default_logger(logger);
  count_turns();
}

void machine::lose_power() {
  ++boot_;
  const auto log = directory() / "state" / "state.db-wal";
  std::error_code missing;
  const auto size = fs::file_size(log, missing);
  if (!missing && size > safe_log_size_)
    fs::resize_file(log, safe_log_size_);
  fs::remove(directory() / "state" / "state.db-shm", missing);
  const auto unsafe_since = async::clock::now() - unsafe_file_age;
  for (const auto& [job_id, job] : ledger_.jobs()) {
    const auto result = whereabouts("done") / (job_id + ".result.json");
    if (job.ended_at && *job.ended_at >= unsafe_since && fs::exists(result) && engine_() % 2 == 0)
      fs::resize_file(result, 0);
  }
}

void machine::suspend(duration time) {
  time_.clock().advance_to(time_.context(), async::clock::now() + time);
  if (is_up())
    ledger_.suspended(time);
}

void machine::slow_down(duration most) {
  ledger_.excuse_lateness();
  time_.on_jump([most, engine = std::mt19937_64{engine_()}]() mutable {
    return duration{std::uniform_int_distribution<duration::rep>{0, most.count()}(engine)};
  });
}

bool machine::is_idle() const {
  return is_up() && !app_->jobs().has_jobs() && operator_.is_done() &&
         sqlite_->undelivered() == 0 && spoiled_.empty() && files_in("incoming").empty() &&
         files_in("active").empty();
}

std::string machine::unfinished_business() const {
  if (!is_up())
    return "the daemon is down";
  return fmt::format("{}{}{} undelivered records, incoming: {}, active: {}",
                     app_->jobs().has_jobs() ? "jobs under way, " : "",
                     operator_.is_done() ? "" : "commands not answered, ", sqlite_->undelivered(),
                     fmt::join(files_in("incoming"), " "), fmt::join(files_in("active"), " "));
}

fs::path machine::whereabouts(const std::string& name) const {
  if (spoiled_.contains(""))
    return root_ / "aside" / "jobs_dir" / name;
  return spoiled_.contains(name) ? root_ / "aside" / name : folder(name);
}

void machine::drop(const std::string& name, std::string_view text) {
  put_into_incoming(name, text, true);
}

void machine::slip_in(const std::string& name, std::string_view text) {
  put_into_incoming(name, text, false);
}

void machine::put_into_incoming(const std::string& name, std::string_view text, bool is_announced) {
  const auto incoming = whereabouts("incoming");
  fs::create_directories(incoming);
  const auto temporary = incoming / ".dropping";
  std::ofstream{temporary} << text;
  // Files are taken in the order of their times, so these must be the simulation's times.
  const auto wall = async::clock::wall_now().time_since_epoch();
  const auto whole = std::chrono::floor<std::chrono::seconds>(wall);
  const timespec time{.tv_sec = whole.count(),
                      .tv_nsec = std::chrono::nanoseconds{wall - whole}.count()};
  const std::array<timespec, 2> both{time, time};
  ::utimensat(AT_FDCWD, temporary.c_str(), both.data(), 0);
  if (is_announced)
    return fs::rename(temporary, incoming / name);
  fs::create_hard_link(temporary, incoming / name);
  fs::remove(temporary);
}

void machine::spoil(const std::string& name, obstacle what) {
  const auto place = name.empty() ? directory() / "spool" : folder(name);
  if (spoiled_.contains("") || spoiled_.contains(name) || (name.empty() && !spoiled_.empty()) ||
      !fs::is_directory(place))
    return;
  fs::create_directories(root_ / "aside");
  fs::create_directories(root_ / "elsewhere");
  fs::rename(place, root_ / "aside" / (name.empty() ? "jobs_dir" : name));
  spoiled_.insert(name);
  if (what == obstacle::loop)
    fs::create_symlink(place.filename(), place);
  else if (what == obstacle::link_elsewhere)
    // jobs_dir may be a link, so a link is an obstacle only if it leads nowhere.
    fs::create_symlink(root_ / (name.empty() ? "nowhere/at/all" : "elsewhere"), place);
  else if (what == obstacle::file)
    std::ofstream{place} << "in the way";
  else
    ::mkfifo(place.c_str(), 0600);
}

void machine::mend_folders() {
  for (const auto& name : std::exchange(spoiled_, {})) {
    const auto place = name.empty() ? directory() / "spool" : folder(name);
    if (fs::is_directory(fs::symlink_status(place)))
      throw std::logic_error{"the daemon has replaced what was in the way of " + place.string()};
    fs::remove(place);
    fs::rename(root_ / "aside" / (name.empty() ? "jobs_dir" : name), place);
  }
  if (fs::exists(root_ / "elsewhere") && !fs::is_empty(root_ / "elsewhere"))
    throw std::logic_error{"the daemon has followed a link"};
}

void machine::litter() {
  const auto incoming = whereabouts("incoming");
  fs::create_directories(incoming);
  fs::create_directory(incoming / "folder.json");
  std::error_code ignored;
  fs::create_symlink("/etc/passwd", incoming / "link.json", ignored);
  ::mkfifo((incoming / "fifo.json").c_str(), 0666);
  for (int number = 1; number < 4; ++number)
    ::mkfifo(
        (incoming / fmt::format(".canaryd.job.json.json.{}.{}.tmp", ::getpid(), number)).c_str(),
        0666);
}

void machine::sweep_up() {
  std::error_code missing;
  for (const auto& each : fs::directory_iterator{whereabouts("incoming"), missing}) {
    if (!fs::is_regular_file(each.symlink_status()))
      fs::remove_all(each.path());
  }
}

void machine::copy_in_active(const std::string& job_id, const std::string& copy) {
  const auto active = whereabouts("active");
  std::error_code missing;
  fs::copy_file(active / (job_id + ".json"), active / (copy + ".json"), missing);
}

void machine::remove_copy(const std::string& copy) {
  std::error_code missing;
  fs::remove(whereabouts("active") / (copy + ".json"), missing);
}

void machine::remove_state_file(const std::string& suffix) {
  fs::remove(directory() / "state" / ("state.db" + suffix));
}

void machine::forget() {
  fs::remove_all(directory() / "state");
  safe_log_size_ = 0;
}

std::vector<std::string> machine::files_in(std::string_view name) const {
  std::vector<std::string> names;
  std::error_code missing;
  for (const auto& file : fs::directory_iterator{whereabouts(std::string{name}), missing})
    names.push_back(file.path().filename());
  std::ranges::sort(names);
  return names;
}

std::string machine::ask_control(std::string target) {
  daemon::control_routes routes{app_->control([] { return daemon::listening_addresses{}; })};
  auto told = time_.await(routes.answer({.target = {.target = std::move(target)}},
                                        daemon::peer{.actor = "operator(1000)", .uid = 1000}));
  return std::move(told.answer.body);
}

store::job_record machine::stored_job(const std::string& job_id) {
  auto found = ask(sqlite_->find(job_id));
  if (!found || !*found)
    throw std::logic_error{"no such job: " + job_id};
  return std::move(**found);
}

}  // namespace canaryd::simulation
