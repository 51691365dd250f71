// Notices files in incoming/ by inotify. It also looks itself at the start, every 15 s and when
// events were lost, because some files come without an event (links, network file systems, a file
// that becomes readable). Makes the folders of jobs_dir again if somebody deletes them.
#pragma once

#include "canaryd/async/task_group.hpp"
#include "canaryd/async/wakeup.hpp"
#include "canaryd/daemon/intake/folder.hpp"
#include "canaryd/daemon/intake/intake.hpp"
#include "canaryd/daemon/intake/jobs_folder.hpp"

#include <boost/asio/posix/basic_stream_descriptor.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>

namespace canaryd::daemon {

class inbox {
 public:
  // Takes no files while `has_room` returns false or `folder` cannot be used.
  inbox(async::executor ex, jobs_folder& folder, intake& taker, std::function<bool()> has_room);

  // Watches and takes files until it is cancelled. Calls `on_ready` after the first try, even if
  // jobs_dir cannot be used: that is an alarm, but the daemon can do everything else.
  async::task<> run(std::function<void()> on_ready);

  // True if new files are noticed at once. Otherwise trouble() says what is wrong.
  bool is_watching() const { return folder_.is_usable() && watch_problem_.empty(); }
  const std::string& trouble() const {
    return folder_.is_usable() ? watch_problem_ : folder_.trouble();
  }

  // Call it when there is room again, or when files that could not be taken may be taken now.
  void look_again();

 private:
  // Sorts by due time, then by arrival.
  using queue_key = std::pair<instant, std::uint64_t>;
  struct candidate {
    queue_key key;
    // True if it was found by looking: somebody may still be writing it.
    bool found = false;
    // True if it did not parse and is read once more.
    bool was_unfinished = false;
    // How many times the store or the disk could not take it.
    int held = 0;
    // When it was last changed, if that is known.
    std::int64_t modified_ns = 0;
  };
  struct found_file {
    std::int64_t modified_ns = 0;
    std::string name;
    auto operator<=>(const found_file&) const = default;
  };

  async::task<> watch_and_take(std::function<void()> on_ready);
  async::task<> read_events();
  void on_events(std::string_view bytes);
  void look_after_folders();
  std::string watch();
  bool is_watched_folder() const;
  async::task<> look_for_files();
  async::task<std::set<found_file>> oldest_files();
  void note_file(const folder_reader& folder, const folder_reader::entry& seen,
                 std::set<found_file>& oldest);
  void add_candidate(const std::string& name, candidate what, duration wait);
  bool is_still_changing(const std::string& name, candidate& what) const;
  async::task<> take_due();
  async::task<> take(std::string name, candidate what);
  bool may_take() const { return folder_.is_usable() && has_room_(); }
  instant next_wake() const;

  jobs_folder& folder_;
  spool spool_;
  intake& taker_;
  std::function<bool()> has_room_;
  boost::asio::posix::basic_stream_descriptor<async::executor> notifier_;
  int incoming_watch_ = -1;
  int jobs_watch_ = -1;
  std::string watch_problem_ = "it has not been tried yet";
  // Identify the folder that is watched.
  std::uint64_t device_ = 0;
  std::uint64_t inode_ = 0;
  // True if the log has said that the kernel does not report new files.
  bool watch_is_lost_ = false;
  instant next_check_{};
  instant next_look_{};
  // Where the last look stopped, if the folder has more files than one look takes.
  std::optional<found_file> seen_up_to_;
  std::uint64_t arrivals_ = 0;
  std::map<std::string, candidate> candidates_;
  std::map<queue_key, std::string> queue_;
  async::wakeup bell_;
  async::task_group reader_;
};

}  // namespace canaryd::daemon
