// Notices files in incoming/: by inotify, and by a scan at the start and whenever events may have
// been missed. Makes the folders of jobs_dir again where somebody deletes them.
#pragma once

#include "canaryd/async/task_group.hpp"
#include "canaryd/async/wakeup.hpp"
#include "canaryd/daemon/intake.hpp"
#include "canaryd/daemon/spool.hpp"

#include <boost/asio/posix/basic_stream_descriptor.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <string>

namespace canaryd::daemon {

class inbox {
 public:
  // Files stay where they are while `has_room` says no.
  inbox(async::executor ex, spool where, intake& taker, std::function<bool()> has_room);

  // Watches and takes until it is cancelled. `on_ready` is called once incoming/ is watched.
  async::task<> run(std::function<void()> on_ready);

  bool is_watching() const { return !must_watch_; }

  // There is room again, or files that were not taken may now be.
  void look_again();

 private:
  // Due first, then in order of arrival.
  using queue_key = std::pair<core::instant, std::uint64_t>;
  struct candidate {
    queue_key place;
    // Found by a scan, so that it may still be being written.
    bool found = false;
    // When it was last changed, as far as is known.
    std::int64_t modified_ns = 0;
  };

  async::task<> watch_and_take(std::function<void()> on_ready);
  async::task<> read_events();
  void on_events(std::string_view bytes);
  bool watch();
  void scan();
  void add_candidate(const std::string& name, candidate what, core::duration wait);
  bool is_still_changing(const std::string& name, candidate& what) const;
  async::task<> take_due();
  async::task<> take(std::string name, candidate what);
  core::instant next_wake() const;

  spool spool_;
  intake& taker_;
  std::function<bool()> has_room_;
  boost::asio::posix::basic_stream_descriptor<async::executor> notifier_;
  int incoming_watch_ = -1;
  int jobs_watch_ = -1;
  bool must_watch_ = true;
  bool must_scan_ = true;
  bool watch_failed_ = false;
  std::uint64_t arrivals_ = 0;
  std::map<std::string, candidate> candidates_;
  std::map<queue_key, std::string> queue_;
  async::wakeup bell_;
  async::task_group reader_;
};

}  // namespace canaryd::daemon
