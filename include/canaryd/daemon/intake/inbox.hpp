// Notices files in incoming/: by inotify, and by looking itself at the start, every 15 s and when
// events were lost, for what comes without an event (links, network file systems, a file that is
// made readable). Makes the folders of jobs_dir again where somebody deletes them.
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
  // Files stay where they are while `has_room` says no, or `place` is in trouble.
  inbox(async::executor ex, jobs_folder& place, intake& taker, std::function<bool()> has_room);

  // Watches and takes until it is cancelled. `on_ready` is called once this was tried: a jobs_dir
  // in trouble is an alarm, and no reason not to be ready for everything else.
  async::task<> run(std::function<void()> on_ready);

  // New files are noticed and taken; else trouble() says what is in the way.
  bool is_watching() const { return place_.is_usable() && watch_problem_.empty(); }
  const std::string& trouble() const {
    return place_.is_usable() ? watch_problem_ : place_.trouble();
  }

  // There is room again, or files that were not taken may now be.
  void look_again();

 private:
  // Due first, then in order of arrival.
  using queue_key = std::pair<instant, std::uint64_t>;
  struct candidate {
    queue_key place;
    // Found by looking, so that it may still be being written.
    bool found = false;
    // It did not parse, and is read once more.
    bool was_unfinished = false;
    // How often the store or the disk could not take it.
    int held = 0;
    // When it was last changed, as far as is known.
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
  bool may_take() const { return place_.is_usable() && has_room_(); }
  instant next_wake() const;

  jobs_folder& place_;
  spool spool_;
  intake& taker_;
  std::function<bool()> has_room_;
  boost::asio::posix::basic_stream_descriptor<async::executor> notifier_;
  int incoming_watch_ = -1;
  int jobs_watch_ = -1;
  std::string watch_problem_ = "it was not tried yet";
  // Of the folder that is watched.
  std::uint64_t device_ = 0;
  std::uint64_t inode_ = 0;
  // The log has said that the kernel does not report new files.
  bool watch_is_lost_ = false;
  instant next_check_{};
  instant next_look_{};
  // How far the last look has come in a folder with more files than one look takes.
  std::optional<found_file> seen_up_to_;
  std::uint64_t arrivals_ = 0;
  std::map<std::string, candidate> candidates_;
  std::map<queue_key, std::string> queue_;
  async::wakeup bell_;
  async::task_group reader_;
};

}  // namespace canaryd::daemon
