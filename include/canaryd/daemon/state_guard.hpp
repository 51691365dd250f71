// Checks from time to time whether the database is still where it was opened. A removed file exists
// as long as a process has it open, and is then lost. The daemon goes on but is not ready until it
// has written the database to its place again.
#pragma once

#include "canaryd/async/task.hpp"
#include "canaryd/base/error.hpp"

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>

namespace canaryd::daemon {

class state_guard {
 public:
  // Writes everything in the open database to its place, and uses that file from then on.
  using restorer = std::function<async::task<result<void>>()>;

  // The database must be open. If no file has that name, there is nothing to guard.
  state_guard(std::filesystem::path state_db, restorer restore);

  // Checks every 15 s, until it is cancelled.
  async::task<> run();

  // Checks once, because a file that is not in its place is lost when the daemon stops.
  async::task<> look_at_last();

  // Says what is wrong; empty if nothing is.
  const std::string& trouble() const { return trouble_; }

 private:
  using identity = std::pair<std::uint64_t, std::uint64_t>;
  // The database, its log and its index.
  static constexpr std::array<const char*, 3> suffixes{"", "-wal", "-shm"};

  void remember();
  std::optional<identity> find(const char* suffix) const;
  async::task<> look();
  async::task<> put_back(std::string what);

  std::filesystem::path file_;
  restorer restore_;
  std::array<std::optional<identity>, 3> known_;
  // True if the file was removed and has not been written to its place again yet.
  bool must_restore_ = false;
  std::string trouble_;
};

}  // namespace canaryd::daemon
