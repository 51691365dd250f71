#include "canaryd/cli/feed_keeper.hpp"
#include "canaryd/cli/json_members.hpp"
#include "canaryd/cli/live_view.hpp"
#include "canaryd/cli/screen.hpp"
#include "canaryd/cli/watch.hpp"

#include "watch_text.hpp"
#include <csignal>
#include <memory>
#include <optional>

namespace canaryd::cli {
namespace {

using namespace std::chrono_literals;

// More of them could not be shown.
constexpr std::size_t most_readings = 1000;
constexpr std::size_t most_events = 100;
// The job is read again after this time even if no event reports a change.
constexpr auto refresh_every = 10s;
// The daemon's last log lines about a job come with its end or right after it.
constexpr auto after_the_end = 200ms;

class job_watch {
 public:
  job_watch(const control_client& daemon, std::string job_id, const output& to)
      : daemon_{daemon},
        to_{to},
        job_id_{std::move(job_id)},
        keeper_{daemon.socket_path(), "/v1/events?job=" + url_part(job_id_)} {}

  int run();

 private:
  bool finished() const { return no_such_job_ || has_ended(scene_.job); }
  int result() const { return no_such_job_ ? failed : outcome_of(scene_.job); }
  void follow();
  void reconnect();
  void lose();
  void load_job();
  void load_readings();
  void take(const server_event& event);
  void take_job(const boost::json::value& from);
  void take_reading(const boost::json::value& from, bool is_news);
  // Writes the event (unless there is a live view) and keeps it for the view.
  void note(noted_event event);
  void keep(noted_event event);
  void draw() const;

  const control_client& daemon_;
  const output& to_;
  std::string job_id_;
  feed_keeper keeper_;
  job_scene scene_;
  std::optional<screen> screen_;
  std::string last_state_;
  bool no_such_job_ = false;
  bool job_is_old_ = true;
  steady_time loaded_at_{};
};

int job_watch::run() {
  if (auto connected = keeper_.connect(); !connected) {
    complain(to_, "no_daemon", connected.error().text);
    return no_daemon;
  }
  load_readings();
  load_job();
  if (to_.live && !no_such_job_)
    screen_.emplace(to_.results);
  while (!finished()) {
    draw();
    const auto seen = keeper_.wait(keeper_.connected() ? 1000ms : 200ms);
    if (seen.signal && *seen.signal != SIGWINCH)
      return 128 + *seen.signal;
    for (const auto& event : seen.events)
      take(event);
    follow();
  }
  for (const auto& event : keeper_.wait(after_the_end).events)
    take(event);
  draw();
  return result();
}

void job_watch::follow() {
  if (!keeper_.connected())
    lose();
  if (keeper_.may_connect())
    reconnect();
  const bool due = std::chrono::steady_clock::now() - loaded_at_ > refresh_every;
  if (keeper_.connected() && (job_is_old_ || due))
    load_job();
}

void job_watch::lose() {
  if (scene_.away)
    return;
  scene_.away = true;
  if (to_.json)
    write_event(to_, "away", boost::json::value(away_text));
  note({.at = wall_now(), .text = std::string{away_text}, .colour = tone::warning});
}

void job_watch::reconnect() {
  if (!keeper_.connect())
    return;
  scene_.away = false;
  if (to_.json)
    write_event(to_, "back", boost::json::value(back_text));
  note({.at = wall_now(), .text = std::string{back_text}, .colour = tone::plain});
  load_readings();
  job_is_old_ = true;
}

void job_watch::load_job() {
  const auto answer = daemon_.get(job_target(job_id_));
  loaded_at_ = std::chrono::steady_clock::now();
  if (!answer) {
    keeper_.disconnect();
    return lose();
  }
  job_is_old_ = false;
  if (answer->status == 404) {
    no_such_job_ = true;
    screen_.reset();
    complain(to_, "unknown_job", complaint(*answer));
  } else if (is_fine(*answer)) {
    take_job(answer->body);
  }
}

void job_watch::load_readings() {
  const auto answer = daemon_.get(job_target(job_id_, "/readings"));
  if (!answer || !is_fine(*answer))
    return;
  const bool first = scene_.readings.empty() && last_state_.empty();
  for (const auto& reading : array_of(answer->body, "readings"))
    take_reading(reading, !first);
}

void job_watch::take(const server_event& event) {
  if (text_of(event.data, "job_id") != job_id_)
    return;
  if (event.name == "state") {
    take_job(event.data);
  } else if (event.name == "reading") {
    take_reading(event.data, true);
    job_is_old_ = true;
  } else if (event.name == "log") {
    if (to_.json)
      write_event(to_, "log", event.data);
    if (is_worth_a_line(event.data))
      note(note_of_log(event.data));
  }
}

void job_watch::take_job(const boost::json::value& from) {
  scene_.job = read_job_info(from);
  scene_.known_at = wall_now();
  auto now = state_text(scene_.job);
  if (now == last_state_)
    return;
  const bool first = last_state_.empty();
  last_state_ = std::move(now);
  if (to_.json)
    write_event(to_, "state", from);
  // The first state is in the view anyway, and has not just happened.
  if (!first || !to_.live)
    note(note_of(scene_.job));
}

void job_watch::take_reading(const boost::json::value& from, bool is_news) {
  auto reading = read_reading_info(from);
  auto& known = scene_.readings;
  // Some readings come twice, after a reconnect or if an event overtook the list.
  if (!known.empty() && reading.at_text <= known.back().at_text)
    return;
  if (is_news) {
    if (to_.json)
      write_event(to_, "reading", from);
    note(note_of(reading));
  } else {
    keep(note_of(reading));
  }
  known.push_back(std::move(reading));
  if (known.size() > most_readings)
    known.erase(known.begin());
}

void job_watch::note(noted_event event) {
  if (!to_.live && !to_.json)
    write_event(to_, event, "");
  keep(std::move(event));
}

void job_watch::keep(noted_event event) {
  scene_.events.push_back(std::move(event));
  if (scene_.events.size() > most_events)
    scene_.events.erase(scene_.events.begin());
}

void job_watch::draw() const {
  if (screen_)
    screen_->draw(render_job(scene_, wall_now(), screen_->size(), to_.look));
}

}  // namespace

int watch_job(const control_client& daemon, const std::string& job_id, const output& to) {
  return job_watch{daemon, job_id, to}.run();
}

}  // namespace canaryd::cli
