// A daemon's control socket that answers what a test tells it to.
#pragma once

#include <atomic>
#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace canaryd::cli {

struct scripted_answer {
  int status = 200;
  std::string body;
};

class scripted_daemon {
 public:
  // Listens on a socket in a fresh folder.
  scripted_daemon();
  // Ends and takes the folder away.
  ~scripted_daemon();
  scripted_daemon(const scripted_daemon&) = delete;
  scripted_daemon& operator=(const scripted_daemon&) = delete;

  const std::string& socket_path() const { return path_; }

  // What "GET /v1/jobs" is answered with from now on, the target without its query. Everything else
  // is a 404.
  void answer(const std::string& request, scripted_answer with);
  // To everybody who listens to /v1/events.
  void send_event(std::string_view name, std::string_view data);
  // Waits until somebody listens; false after ten seconds.
  bool wait_for_listener() const;
  // "POST /v1/jobs/a/abort {…}", with queries, in the order of their arrival.
  std::vector<std::string> requests() const;

  // As a daemon that is restarted: the socket goes away with all connections, and comes back.
  void stop();
  void start();
  // Takes connections and answers nothing from now on.
  void hang() { hangs_ = true; }
  // As a daemon that was killed.
  void stop_and_leave_the_socket();

 private:
  void serve();
  void serve_one(int connection);
  scripted_answer find_answer(const std::string& method, const std::string& target) const;

  std::filesystem::path folder_;
  std::string path_;
  int listener_ = -1;
  std::atomic<bool> ends_ = false;
  std::atomic<bool> hangs_ = false;
  std::thread thread_;
  mutable std::mutex guard_;
  std::map<std::string, scripted_answer> answers_;
  std::vector<std::string> requests_;
  std::vector<int> streams_;
};

}  // namespace canaryd::cli
