#include "history.hpp"

#include "canaryd/daemon/tell/log_outputs.hpp"
#include "canaryd/text/duration_text.hpp"

#include <fmt/format.h>
#include <spdlog/details/null_mutex.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include "invariants.hpp"
#include <algorithm>
#include <cstdio>
#include <exception>
#include <future>
#include <memory>
#include <optional>

namespace canaryd::simulation {
namespace {

// Long enough for every job to end, if it ends at all.
constexpr std::chrono::hours longest_history{48};
constexpr std::chrono::seconds idle_check{20};

// Keeps the log lines that the invariants need, and shows all lines on request.
class history_log final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  explicit history_log(bool tell) : tell_{tell} {}
  const std::string& text() const { return text_; }
  void keep(std::string_view line) { text_ += fmt::format("{}\n", line); }

 protected:
  void sink_it_(const spdlog::details::log_msg& line) override {
    const std::string_view text{line.payload.data(), line.payload.size()};
    if (line.level >= spdlog::level::critical)
      keep(text);
    if (!tell_)
      return;
    const auto at = async::clock::now().time_since_epoch() - std::chrono::hours{1};
    fmt::print("{:>14} {} {}\n", text::format_duration(at),
               spdlog::level::to_short_c_str(line.level), text);
  }
  void flush_() override { std::fflush(stdout); }

 private:
  bool tell_;
  std::string text_;
};

// The real log of a daemon. Nobody reads it before read_all().
class unread_log {
 public:
  explicit unread_log(std::shared_ptr<history_log> into)
      : writer_{std::make_shared<daemon::log_writer>(
            [read = read_.get_future().share(), into = std::move(into)](const auto& line) {
              read.wait();
              if (line.level == severity::critical)
                into->keep(line.text);
            },
            daemon::log_bounds{.lines = 2000})} {}

  std::shared_ptr<spdlog::sinks::sink> sink() const { return daemon::make_queueing_sink(writer_); }

  void read_all() {
    read_.set_value();
    if (!writer_->finish(std::chrono::seconds{10}))
      throw std::logic_error{"the log was not read to its end"};
  }

 private:
  std::promise<void> read_;
  std::shared_ptr<daemon::log_writer> writer_;
};

class player {
 public:
  player(const history& what, bool tell)
      : history_{what}, tell_{tell}, here_{what.seed, what.world} {}

  void play() {
    history_.prepare(here_);
    if (history_.changes_versions)
      here_.change_versions();
    if (history_.age_is_uncertain)
      here_.seen().excuse_evidence();
    plan_crash();
    start();
    for (const auto& happens : history_.occurrences) {
      pass_until(begin_ + happens.at);
      happens.what(here_);
    }
    while (!here_.is_idle()) {
      if (async::clock::now() - begin_ > longest_history)
        throw std::logic_error{"the history does not end: " + here_.unfinished_business()};
      pass_until(async::clock::now() + idle_check);
    }
  }

  machine& here() { return here_; }

 private:
  void plan_crash() {
    if (next_crash_ == history_.crashes.size())
      return;
    const auto& planned = history_.crashes[next_crash_++];
    here_.crash_at(planned.at, planned.what);
  }

  void start() {
    here_.start();
    if (!here_.is_up())
      went_down();
  }

  void went_down() {
    if (tell_)
      fmt::print("--- crash at point {} ---\n", here_.points());
    plan_crash();
    starts_at_ = async::clock::now() + history_.downtime;
  }

  void pass_until(instant limit) {
    for (;;) {
      here_.run_until(here_.is_up() ? limit : std::min(limit, starts_at_));
      if (here_.is_up())
        return;
      if (here_.crashes() != crashes_seen_) {
        crashes_seen_ = here_.crashes();
        went_down();
      } else if (async::clock::now() >= starts_at_) {
        start();
      } else {
        return;
      }
    }
  }

  const history& history_;
  bool tell_;
  machine here_;
  instant begin_ = async::clock::now();
  std::size_t next_crash_ = 0;
  int crashes_seen_ = 0;
  instant starts_at_;
};

}  // namespace

course play(const history& what, bool tell) {
  const auto log = std::make_shared<history_log>(tell);
  // With `tell` the log is shown, so it cannot stay unread.
  std::optional<unread_log> unread;
  if (what.log_is_unread && !tell)
    unread.emplace(log);
  auto logger =
      std::make_shared<spdlog::logger>("history", unread ? unread->sink() : spdlog::sink_ptr{log});
  logger->set_level(tell || unread ? spdlog::level::info : spdlog::level::critical);
  spdlog::set_default_logger(std::move(logger));
  course result;
  try {
    player playing{what, tell};
    auto& here = playing.here();
    try {
      playing.play();
      if (unread)
        unread->read_all();
      result.outcomes = outcomes_of(here);
      result.problems = broken_rules(what, here, log->text());
    } catch (const std::exception& defect) {
      result.problems.push_back(fmt::format("defect: {}", defect.what()));
    }
    result.points = here.points();
    here.check_versions();
    result.problems.insert(result.problems.end(), here.seen().problems().begin(),
                           here.seen().problems().end());
    result.crashes = here.crashes();
  } catch (const std::exception& defect) {
    result.problems.push_back(fmt::format("defect at the end: {}", defect.what()));
  }
  spdlog::set_default_logger(std::make_shared<spdlog::logger>("none"));
  return result;
}

}  // namespace canaryd::simulation
