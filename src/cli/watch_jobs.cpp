#include "canaryd/cli/feed_keeper.hpp"
#include "canaryd/cli/job_table.hpp"
#include "canaryd/cli/json_members.hpp"
#include "canaryd/cli/screen.hpp"
#include "canaryd/cli/watch.hpp"

#include <fmt/format.h>

#include "watch_text.hpp"
#include <csignal>
#include <map>
#include <optional>
#include <ranges>
#include <set>

namespace canaryd::cli {
namespace {

using namespace std::chrono_literals;

// How many jobs are read at most before the terminal is drawn again.
constexpr std::size_t most_looks = 50;
// How many ended jobs stay in the table.
constexpr std::size_t most_ended = 100;

class jobs_watch {
 public:
  jobs_watch(const control_client& daemon, const output& to)
      : daemon_{daemon}, to_{to}, keeper_{daemon.socket_path(), "/v1/events"} {}

  int run();

 private:
  void follow();
  void load_all();
  void load_changed();
  void take(const server_event& event);
  void take_job(const boost::json::value& from);
  void forget_one();
  void say(std::string_view name, std::string_view text);
  void say_line(const noted_event& event, std::string_view job_id) const;
  void draw() const;

  const control_client& daemon_;
  const output& to_;
  feed_keeper keeper_;
  std::map<std::string, job_info> jobs_;
  std::set<std::string> changed_;
  std::optional<screen> screen_;
  bool away_ = false;
};

int jobs_watch::run() {
  if (auto connected = keeper_.connect(); !connected) {
    complain(to_, "no_daemon", connected.error().text);
    return no_daemon;
  }
  load_all();
  if (to_.live)
    screen_.emplace(to_.results);
  for (;;) {
    draw();
    const auto seen = keeper_.wait(keeper_.connected() ? 1000ms : 200ms);
    if (seen.signal && *seen.signal != SIGWINCH)
      return 128 + *seen.signal;
    for (const auto& event : seen.events)
      take(event);
    follow();
  }
}

void jobs_watch::follow() {
  if (!keeper_.connected() && !away_) {
    away_ = true;
    say("away", away_text);
  }
  if (keeper_.may_connect() && keeper_.connect()) {
    away_ = false;
    say("back", back_text);
    load_all();
  }
  if (keeper_.connected())
    load_changed();
}

void jobs_watch::load_all() {
  const auto answer = daemon_.get("/v1/jobs");
  if (!answer)
    return keeper_.disconnect();
  // The daemon lists the jobs under way. A known job that is missing has ended meanwhile.
  changed_.clear();
  for (const auto& [id, job] : jobs_) {
    if (!has_ended(job))
      changed_.insert(id);
  }
  for (const auto& job : array_of(answer->body, "jobs")) {
    changed_.erase(text_of(job, "job_id"));
    take_job(job);
  }
}

// A reading changes when the next one is due, which only the job itself tells.
void jobs_watch::load_changed() {
  for (std::size_t i = 0; i < most_looks && !changed_.empty(); ++i) {
    const auto id = changed_.extract(changed_.begin()).value();
    const auto answer = daemon_.get(job_target(id));
    if (!answer)
      return keeper_.disconnect();
    if (is_fine(*answer))
      take_job(answer->body);
    else if (answer->status == 404)
      jobs_.erase(id);
  }
}

void jobs_watch::take(const server_event& event) {
  const auto id = text_of(event.data, "job_id");
  if (event.name == "state") {
    take_job(event.data);
    return;
  }
  if (event.name == "reading")
    changed_.insert(id);
  if (to_.json)
    write_event(to_, event.name, event.data);
  else if (event.name == "reading")
    say_line(note_of(read_reading_info(event.data)), id);
  else if (is_worth_a_line(event.data))
    say_line(note_of_log(event.data), id);
}

void jobs_watch::take_job(const boost::json::value& from) {
  auto job = read_job_info(from);
  auto& known = jobs_[job.job_id];
  const bool is_news = state_text(known) != state_text(job);
  known = std::move(job);
  if (!is_news)
    return;
  if (to_.json)
    write_event(to_, "state", from);
  else
    say_line(note_of(known), known.job_id);
  if (has_ended(known))
    forget_one();
}

// If too many ended jobs are in the table, removes the one that ended first.
void jobs_watch::forget_one() {
  auto oldest = jobs_.end();
  std::size_t ended = 0;
  for (auto each = jobs_.begin(); each != jobs_.end(); ++each) {
    if (!has_ended(each->second))
      continue;
    ++ended;
    if (oldest == jobs_.end() || each->second.ended_at < oldest->second.ended_at)
      oldest = each;
  }
  if (ended > most_ended)
    jobs_.erase(oldest);
}

void jobs_watch::say(std::string_view name, std::string_view text) {
  if (to_.json)
    write_event(to_, name, boost::json::value(text));
  else
    say_line({.at = wall_now(), .text = std::string{text}, .colour = tone::warning}, "");
}

void jobs_watch::say_line(const noted_event& event, std::string_view job_id) const {
  if (!to_.live)
    write_event(to_, event, job_id);
}

void jobs_watch::draw() const {
  if (!screen_)
    return;
  const auto size = screen_->size();
  const auto under_way =
      std::ranges::count_if(jobs_, [](const auto& each) { return !has_ended(each.second); });
  std::vector<std::string> view{
      fmt::format("{} {} under way{}", under_way, under_way == 1 ? "canary" : "canaries",
                  away_ ? "   " + to_.look.paint(tone::warning, away_text) : std::string{})};
  const auto all = std::views::values(jobs_);
  for (auto& line : render_jobs({all.begin(), all.end()}, wall_now(), to_.look))
    view.push_back(std::move(line));
  if (view.size() > size.rows) {
    const auto left_out = view.size() - size.rows + 1;
    view.resize(size.rows - 1);
    view.push_back(fmt::format("… and {} more", left_out));
  }
  for (auto& line : view)
    line = fit(line, size.columns);
  screen_->draw(view);
}

}  // namespace

int watch_jobs(const control_client& daemon, const output& to) {
  return jobs_watch{daemon, to}.run();
}

}  // namespace canaryd::cli
