#include "canaryd/daemon/state_guard.hpp"

#include "canaryd/daemon/tell/log.hpp"

#include <sys/stat.h>

namespace canaryd::daemon {
namespace {

constexpr std::chrono::seconds interval{15};

}  // namespace

state_guard::state_guard(std::filesystem::path state_db, restorer restore)
    : file_{std::move(state_db)}, restore_{std::move(restore)} {
  remember();
}

void state_guard::remember() {
  for (std::size_t i = 0; i < suffixes.size(); ++i)
    known_.at(i) = find(suffixes.at(i));
}

std::optional<state_guard::identity> state_guard::find(const char* suffix) const {
  struct stat present{};
  if (::lstat((file_.native() + suffix).c_str(), &present) != 0)
    return std::nullopt;
  return identity{present.st_dev, present.st_ino};
}

async::task<> state_guard::run() {
  while (known_.front()) {
    co_await async::sleep_for(interval);
    co_await look();
  }
}

async::task<> state_guard::look_at_last() {
  if (known_.front())
    co_await look();
}

async::task<> state_guard::look() {
  const auto present = find("");
  if (present && *present != *known_.front() && !must_restore_) {
    if (std::exchange(trouble_, "another file is in the place of " + file_.native()).empty())
      log(severity::critical, topic::removed_underneath,
          "another file is in the place of the open database",
          {{"file", file_.native()},
           {"so",
            "the daemon goes on with the one that it has open, which is lost when it stops"}});
    co_return;
  }
  std::string missing = present ? "" : file_.native();
  // SQLite makes the log and the index when it first needs them.
  for (std::size_t i = 1; i < suffixes.size(); ++i) {
    const auto now = find(suffixes.at(i));
    if (!known_.at(i))
      known_.at(i) = now;
    else if (now != known_.at(i))
      missing = file_.native() + suffixes.at(i);
  }
  if (!missing.empty() || must_restore_)
    co_await put_back(missing.empty() ? file_.native() : missing);
  else
    trouble_.clear();
}

async::task<> state_guard::put_back(std::string what) {
  must_restore_ = true;
  if (std::exchange(trouble_, what + " was removed and has not been written again yet").empty())
    log(severity::critical, topic::removed_underneath,
        "a file of the open database was removed, writing it to its place again", {{"file", what}});
  const auto restored = co_await restore_();
  if (!restored) {
    trouble_ = what + " was removed: " + restored.error().text;
    co_return;
  }
  must_restore_ = false;
  trouble_.clear();
  remember();
  log(severity::warning, topic::removed_underneath,
      "the database is in its place again, and nothing is lost", {{"file", file_.native()}});
}

}  // namespace canaryd::daemon
