#include "canaryd/daemon/intake/inbox.hpp"

#include "canaryd/async/turn.hpp"
#include "canaryd/daemon/tell/log.hpp"
#include "canaryd/job/job_file_name.hpp"

#include <boost/asio/buffer.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace canaryd::daemon {
namespace {

using std::chrono::seconds;

// How long a file that was found, not announced, must be unchanged before it is taken.
constexpr seconds settling_time{2};
constexpr seconds look_interval{15};
// The first is for a jobs_dir that cannot be used, the second for a look that has not come to the
// end of a long folder.
constexpr seconds check_retry{5};
constexpr seconds next_part{1};
constexpr seconds first_retry{1};
constexpr seconds longest_retry{15};

// Limits the memory: further files in a folder are looked at later.
constexpr std::size_t most_candidates = 4096;
// How much is done before other tasks get their turn.
constexpr std::size_t names_at_once = 256;
constexpr int takes_at_once = 256;

constexpr std::uint32_t incoming_events =
    IN_CLOSE_WRITE | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR | IN_DONT_FOLLOW;
// Say that somebody removed one of the four folders.
constexpr std::uint32_t jobs_events =
    IN_DELETE | IN_MOVED_FROM | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;

std::string system_text(int code) {
  return std::generic_category().message(code);
}

duration retry_wait(int held) {
  return std::min<duration>(first_retry * (1 << std::min(held - 1, 4)), longest_retry);
}

}  // namespace

inbox::inbox(async::executor ex, jobs_folder& folder, intake& taker, std::function<bool()> has_room)
    : folder_{folder},
      spool_{folder.where()},
      taker_{taker},
      has_room_{std::move(has_room)},
      notifier_{ex},
      bell_{ex},
      reader_{ex, [this] { bell_.ring(); }} {}

async::task<> inbox::run(std::function<void()> on_ready) {
  return async::run_and_join(reader_, watch_and_take(std::move(on_ready)));
}

void inbox::look_again() {
  bell_.ring();
}

async::task<> inbox::watch_and_take(std::function<void()> on_ready) {
  for (;;) {
    reader_.rethrow_failure();
    if (next_check_ <= async::clock::now())
      look_after_folders();
    if (on_ready)
      std::exchange(on_ready, nullptr)();
    if (folder_.is_usable() && next_look_ <= async::clock::now())
      co_await look_for_files();
    co_await take_due();
    co_await bell_.wait(next_wake());
  }
}

void inbox::look_after_folders() {
  const bool was_usable = folder_.is_usable();
  const auto now = async::clock::now();
  if (!folder_.claim()) {
    next_check_ = now + check_retry;
    return;
  }
  if (!was_usable)
    next_look_ = now;
  next_check_ = now + look_interval;
  if (watch_problem_.empty() && is_watched_folder())
    return;
  const bool was_told = watch_is_lost_;
  watch_problem_ = watch();
  watch_is_lost_ = !watch_problem_.empty();
  // Files may have arrived without an event.
  next_look_ = now;
  if (watch_is_lost_ && !was_told)
    log(severity::critical, topic::watch_lost,
        "incoming/ is not watched but looked at every 15 s, trying again",
        {{"error", watch_problem_}});
  if (!watch_is_lost_ && was_told)
    log(severity::warning, topic::watch_restored, "incoming/ is watched again");
}

bool inbox::is_watched_folder() const {
  struct stat present{};
  return ::lstat(spool_.incoming().c_str(), &present) == 0 && present.st_dev == device_ &&
         present.st_ino == inode_;
}

// Returns what is wrong, or an empty text.
std::string inbox::watch() {
  if (!notifier_.is_open()) {
    const int fd = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (fd < 0)
      return "cannot use inotify: " + system_text(errno);
    boost::system::error_code problem;
    notifier_.assign(fd, problem);
    if (problem) {
      ::close(fd);
      return "cannot use inotify: " + problem.message();
    }
    reader_.spawn(read_events());
  }
  // A watch follows a folder that was moved away.
  for (const int stale : {incoming_watch_, jobs_watch_}) {
    if (stale >= 0)
      ::inotify_rm_watch(notifier_.native_handle(), stale);
  }
  incoming_watch_ =
      ::inotify_add_watch(notifier_.native_handle(), spool_.incoming().c_str(), incoming_events);
  jobs_watch_ =
      ::inotify_add_watch(notifier_.native_handle(), spool_.jobs_dir.c_str(), jobs_events);
  struct stat watched{};
  if (incoming_watch_ < 0 || jobs_watch_ < 0 || ::lstat(spool_.incoming().c_str(), &watched) != 0)
    return "cannot watch " + spool_.incoming().native() + ": " + system_text(errno);
  device_ = watched.st_dev;
  inode_ = watched.st_ino;
  return {};
}

async::task<> inbox::read_events() {
  // The buffer holds at least one event with the longest name (inotify(7)). Other tasks get their
  // turn between two reads.
  alignas(inotify_event) std::array<char, 16UZ * 1024> buffer{};
  for (;;) {
    const auto size =
        co_await notifier_.async_read_some(boost::asio::buffer(buffer), async::use_task);
    on_events({buffer.data(), size});
    bell_.ring();
  }
}

void inbox::on_events(std::string_view bytes) {
  const auto now = async::clock::now();
  while (bytes.size() >= sizeof(inotify_event)) {
    inotify_event event{};
    std::memcpy(&event, bytes.data(), sizeof(event));
    // event.len includes NULs at the end of the name.
    const std::string name{bytes.data() + sizeof(event),
                           strnlen(bytes.data() + sizeof(event), event.len)};
    bytes.remove_prefix(sizeof(event) + event.len);
    const bool is_of_incoming = event.wd == incoming_watch_;
    const bool is_of_jobs = event.wd == jobs_watch_;
    if ((event.mask & IN_Q_OVERFLOW) != 0) {
      seen_up_to_.reset();
      next_look_ = now;
    } else if (is_of_incoming && (event.mask & (IN_CLOSE_WRITE | IN_MOVED_TO)) != 0) {
      if (!job::is_ignored_name(name))
        add_candidate(name, {}, duration::zero());
    } else if (is_of_incoming ||
               (is_of_jobs && (event.mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED)) != 0)) {
      inode_ = 0;
      next_check_ = now;
    } else if (is_of_jobs && (event.mask & IN_ISDIR) != 0) {
      next_check_ = now;
    }
  }
}

async::task<> inbox::look_for_files() {
  const auto found = co_await oldest_files();
  const auto now = async::clock::wall_now().time_since_epoch();
  bool is_all = found.size() < most_candidates;
  for (const auto& file : found) {
    const bool is_known = candidates_.contains(file.name);
    if (!is_known && candidates_.size() >= most_candidates) {
      is_all = false;
      break;
    }
    seen_up_to_ = file;
    const auto age = now - std::chrono::nanoseconds{file.modified_ns};
    if (!is_known)
      add_candidate(file.name, {.key = {}, .found = true, .modified_ns = file.modified_ns},
                    age >= settling_time ? seconds{0} : settling_time);
  }
  if (is_all)
    seen_up_to_.reset();
  const bool goes_on = !is_all && candidates_.size() < most_candidates / 2;
  next_look_ = async::clock::now() + (goes_on ? next_part : look_interval);
}

// The files that were changed first, starting where the last look stopped.
async::task<std::set<inbox::found_file>> inbox::oldest_files() {
  std::set<found_file> oldest;
  auto folder = folder_reader::open(spool_.incoming());
  while (folder) {
    const auto some = folder->next(names_at_once);
    if (!some || some->empty())
      break;
    for (const auto& seen : *some)
      note_file(*folder, seen, oldest);
    if (some->size() == names_at_once)
      co_await async::take_turn();
  }
  co_return oldest;
}

void inbox::note_file(const folder_reader& folder, const folder_reader::entry& seen,
                      std::set<found_file>& oldest) {
  if (job::is_ignored_name(seen.name) && !name_before_taking(seen.name))
    return;
  struct stat present{};
  if (::fstatat(folder.fd(), seen.name.c_str(), &present, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno != ENOENT)
      taker_.leave(seen.name, system_text(errno));
    return;
  }
  if (!S_ISREG(present.st_mode)) {
    taker_.leave(seen.name, "it is not a regular file");
    return;
  }
  found_file file{nanoseconds_of(present.st_mtim), seen.name};
  if (seen_up_to_ && file <= *seen_up_to_)
    return;
  oldest.insert(std::move(file));
  if (oldest.size() > most_candidates)
    oldest.erase(std::prev(oldest.end()));
}

void inbox::add_candidate(const std::string& name, candidate what, duration wait) {
  const auto known = candidates_.find(name);
  if (known != candidates_.end()) {
    // A file that is held is read again anyway when it can be taken.
    if (known->second.held > 0)
      return;
    queue_.erase(known->second.key);
    candidates_.erase(known);
  } else if (candidates_.size() >= most_candidates) {
    return;
  }
  what.key = {async::clock::now() + wait, ++arrivals_};
  queue_.emplace(what.key, name);
  candidates_.emplace(name, what);
}

bool inbox::is_still_changing(const std::string& name, candidate& what) const {
  if (!what.found)
    return false;
  const auto folder = open_folder(spool_.incoming());
  struct stat present{};
  const bool is_there =
      folder.is_open() && ::fstatat(folder.get(), name.c_str(), &present, AT_SYMLINK_NOFOLLOW) == 0;
  const auto now = is_there ? nanoseconds_of(present.st_mtim) : 0;
  return std::exchange(what.modified_ns, now) != now;
}

async::task<> inbox::take_due() {
  for (int taken = 0; taken < takes_at_once && !queue_.empty() && may_take() &&
                      queue_.begin()->first.first <= async::clock::now();
       ++taken) {
    auto name = std::move(queue_.begin()->second);
    queue_.erase(queue_.begin());
    auto what = candidates_.at(name);
    candidates_.erase(name);
    if (is_still_changing(name, what)) {
      what.was_unfinished = false;
      add_candidate(name, what, settling_time);
    } else {
      co_await take(std::move(name), what);
    }
    co_await async::take_turn();
  }
}

async::task<> inbox::take(std::string name, candidate what) {
  switch (co_await taker_.take(name, what.found && !what.was_unfinished)) {
    case intake_result::unfinished:
      what.was_unfinished = true;
      add_candidate(name, what, settling_time);
      break;
    case intake_result::exchanged:
      add_candidate(name, {}, duration::zero());
      break;
    case intake_result::held:
      ++what.held;
      add_candidate(name, what, retry_wait(what.held));
      break;
    case intake_result::settled:
    case intake_result::left:
      break;
  }
}

instant inbox::next_wake() const {
  auto wake = next_check_;
  if (folder_.is_usable())
    wake = std::min(wake, next_look_);
  // If there is no room, waking is useless until look_again() is called.
  if (!queue_.empty() && may_take())
    wake = std::min(wake, queue_.begin()->first.first);
  return wake;
}

}  // namespace canaryd::daemon
