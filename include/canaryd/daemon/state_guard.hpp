// Looks from time to time whether the database is still where it was opened. A file that somebody
// removes lives on for whoever has it open, and is gone with the process: until it is written to
// its place again the daemon goes on, but is not ready.
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
  // Writes all that the open database has to its place, and uses that from then on.
  using restorer = std::function<async::task<result<void>>()>;

  // The database is open. Where there is none of that name, there is nothing to guard.
  state_guard(std::filesystem::path state_db, restorer restore);

  // Looks every 15 s, until it is cancelled.
  async::task<> run();

  // Looks once: what is not in its place when the daemon stops is lost.
  async::task<> look_at_last();

  // What is wrong, in words; empty: nothing.
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
  // The file was removed, and is not written to its place yet.
  bool must_restore_ = false;
  std::string trouble_;
};

}  // namespace canaryd::daemon
