#include "canaryd/daemon/inbox.hpp"

#include "canaryd/core/job_file_name.hpp"
#include "canaryd/daemon/log.hpp"

#include <boost/asio/buffer.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <system_error>
#include <vector>

namespace canaryd::daemon {
namespace fs = std::filesystem;
namespace {

using std::chrono::seconds;

// How long a file that was found, not announced, has to be unchanged before it is taken.
constexpr seconds settling_time{2};
constexpr seconds retry_time{1};
constexpr seconds watch_retry{5};

constexpr std::uint32_t incoming_events =
    IN_CLOSE_WRITE | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;
// Somebody took one of the four folders away.
constexpr std::uint32_t jobs_events =
    IN_DELETE | IN_MOVED_FROM | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;

std::int64_t nanoseconds(const timespec& time) {
  return time.tv_sec * std::int64_t{1'000'000'000} + time.tv_nsec;
}

std::int64_t modified_at(const fs::path& file) {
  struct stat present{};
  return ::lstat(file.c_str(), &present) == 0 ? nanoseconds(present.st_mtim) : 0;
}

}  // namespace

inbox::inbox(async::executor ex, spool where, intake& taker, std::function<bool()> has_room)
    : spool_{std::move(where)},
      taker_{taker},
      has_room_{std::move(has_room)},
      notifier_{ex, ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)},
      bell_{ex},
      reader_{ex, [this] { bell_.ring(); }} {}

async::task<> inbox::run(std::function<void()> on_ready) {
  return async::run_and_join(reader_, watch_and_take(std::move(on_ready)));
}

void inbox::look_again() {
  bell_.ring();
}

async::task<> inbox::watch_and_take(std::function<void()> on_ready) {
  reader_.spawn(read_events());
  for (;;) {
    reader_.rethrow_failure();
    if (must_watch_) {
      must_watch_ = !watch();
      must_scan_ = !must_watch_;
      if (!must_watch_ && on_ready)
        std::exchange(on_ready, nullptr)();
    }
    if (must_scan_)
      scan();
    co_await take_due();
    if (!must_watch_ && !must_scan_)
      co_await bell_.wait(next_wake());
    else if (must_watch_)
      co_await bell_.wait(async::clock::now() + watch_retry);
  }
}

bool inbox::watch() {
  // A watch stays with a folder that was moved away.
  for (const int stale : {incoming_watch_, jobs_watch_}) {
    if (stale >= 0)
      ::inotify_rm_watch(notifier_.native_handle(), stale);
  }
  auto made = make_folders(spool_);
  if (made) {
    incoming_watch_ =
        ::inotify_add_watch(notifier_.native_handle(), spool_.incoming().c_str(), incoming_events);
    jobs_watch_ =
        ::inotify_add_watch(notifier_.native_handle(), spool_.jobs_dir.c_str(), jobs_events);
    if (incoming_watch_ < 0 || jobs_watch_ < 0)
      made = std::unexpected{core::error{.kind = core::fault::system,
                                         .text = "cannot watch " + spool_.incoming().string() +
                                                 ": " + std::generic_category().message(errno)}};
  }
  if (!made && !std::exchange(watch_failed_, true))
    log(core::severity::critical, core::topic::watch_lost, "incoming/ is not watched, trying on",
        {{"error", made.error().text}});
  if (made && std::exchange(watch_failed_, false))
    log(core::severity::warning, core::topic::watch_restored, "incoming/ is watched again");
  return made.has_value();
}

async::task<> inbox::read_events() {
  // At least one event with the longest name fits (inotify(7)).
  alignas(inotify_event) std::array<char, 16 * 1024> buffer{};
  for (;;) {
    const auto size =
        co_await notifier_.async_read_some(boost::asio::buffer(buffer), async::use_task);
    on_events({buffer.data(), size});
    bell_.ring();
  }
}

void inbox::on_events(std::string_view bytes) {
  while (bytes.size() >= sizeof(inotify_event)) {
    inotify_event event{};
    std::memcpy(&event, bytes.data(), sizeof(event));
    // The name is padded with NULs to event.len.
    const std::string name{bytes.data() + sizeof(event),
                           strnlen(bytes.data() + sizeof(event), event.len)};
    bytes.remove_prefix(sizeof(event) + event.len);
    if ((event.mask & IN_Q_OVERFLOW) != 0)
      must_scan_ = true;
    else if (event.wd == incoming_watch_ && (event.mask & (IN_CLOSE_WRITE | IN_MOVED_TO)) != 0)
      add_candidate(name, {}, core::duration::zero());
    else if (event.wd == incoming_watch_ ||
             (event.wd == jobs_watch_ && (event.mask & IN_ISDIR) != 0))
      must_watch_ = true;
    else if (event.wd == jobs_watch_ &&
             (event.mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED)) != 0)
      must_watch_ = true;
  }
}

void inbox::scan() {
  must_scan_ = false;
  struct found_file {
    std::int64_t modified_ns;
    std::string name;
    auto operator<=>(const found_file&) const = default;
  };
  std::vector<found_file> found;
  std::error_code problem;
  for (fs::directory_iterator at{spool_.incoming(), problem}, end; !problem && at != end;
       at.increment(problem))
    found.push_back({modified_at(at->path()), at->path().filename().string()});
  std::ranges::sort(found);
  const auto now = async::clock::wall_now().time_since_epoch();
  for (const auto& file : found) {
    const auto age = now - std::chrono::nanoseconds{file.modified_ns};
    add_candidate(file.name, {.place = {}, .found = true, .modified_ns = file.modified_ns},
                  age >= settling_time ? seconds{0} : settling_time);
  }
}

void inbox::add_candidate(const std::string& name, candidate what, core::duration wait) {
  if (core::is_ignored_name(name))
    return;
  const auto known = candidates_.find(name);
  if (known != candidates_.end()) {
    queue_.erase(known->second.place);
    candidates_.erase(known);
  }
  what.place = {async::clock::now() + wait, ++arrivals_};
  queue_.emplace(what.place, name);
  candidates_.emplace(name, what);
}

bool inbox::is_still_changing(const std::string& name, candidate& what) const {
  const auto seen = std::exchange(what.modified_ns, modified_at(spool_.incoming() / name));
  return what.found && seen != what.modified_ns;
}

async::task<> inbox::take_due() {
  while (!queue_.empty() && queue_.begin()->first.first <= async::clock::now() && has_room_()) {
    auto name = std::move(queue_.begin()->second);
    queue_.erase(queue_.begin());
    auto what = candidates_.at(name);
    candidates_.erase(name);
    if (is_still_changing(name, what))
      add_candidate(name, what, settling_time);
    else
      co_await take(std::move(name), what);
  }
}

async::task<> inbox::take(std::string name, candidate what) {
  switch (co_await taker_.take(name, what.found)) {
    case intake_result::unfinished:
      what.found = false;
      add_candidate(name, what, settling_time);
      break;
    case intake_result::held:
      add_candidate(name, what, retry_time);
      break;
    case intake_result::settled:
    case intake_result::left:
      break;
  }
}

core::instant inbox::next_wake() const {
  // Without room only look_again() helps.
  if (queue_.empty() || !has_room_())
    return core::instant::max();
  return queue_.begin()->first.first;
}

}  // namespace canaryd::daemon
