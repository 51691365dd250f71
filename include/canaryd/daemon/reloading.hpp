// Puts a changed configuration file into force, either all of it or nothing
// (reference: "Reloading").
#pragma once

#include "canaryd/daemon/app.hpp"
#include "canaryd/daemon/config/reload.hpp"
#include "canaryd/daemon/https_pools.hpp"
#include "canaryd/daemon/loading.hpp"

#include <string>
#include <vector>

namespace canaryd::daemon {

class reloader {
 public:
  // `file` is an absolute path. `running` and `pools` must outlive the reloader.
  reloader(std::string file, credential_sources sources, app& running, https_pools& pools);

  // The daemon starts with this text of the file. It is kept for a start at which the file is
  // refused.
  void began_with(const std::string& text);
  // The daemon starts with the configuration that was accepted at `accepted_at`, because the file
  // is refused.
  void began_without_file(std::vector<std::string> problems, wall_time accepted_at);

  // Reads the file again, tells systemd and the log, and waits for nothing. Changes nothing until
  // everything is read, checked and prepared.
  reload_outcome reload();

 private:
  reload_outcome take_over();
  reload_outcome refuse(reload_effect effect, std::vector<std::string> problems);
  void keep(const std::string& text);

  std::string file_;
  credential_sources sources_;
  app& app_;
  https_pools& pools_;
};

}  // namespace canaryd::daemon
