// A file of chained lines (canary/audit_chain), to which records are appended so that they survive
// a loss of power (reference: "Audit file").
#pragma once

#include "canaryd/base/error.hpp"
#include "canaryd/canary/audit_chain.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <deque>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>

namespace canaryd::daemon {

class line_file;
struct file_mark;

// All its functions block. It may be used by one thread at a time.
class chained_file {
 public:
  // `last_line` is a file of its own that keeps a copy of the last line, so that the chain goes on
  // if `file` is renamed while the daemon is down.
  chained_file(std::filesystem::path file, std::filesystem::path last_line);
  ~chained_file();
  chained_file(const chained_file&) = delete;
  chained_file& operator=(const chained_file&) = delete;

  // From now on the chain goes on in that file.
  void move_to(std::filesystem::path file) { file_ = std::move(file); }

  // Appends those of the records that are not there yet, and syncs. A record is there only if a
  // line says the same. Opens the file by its name each time, so that one that was renamed is left
  // alone. After an error (fault::system) none of them counts as written, and they may be given
  // again.
  result<void> append(std::span<const boost::json::object> records);

 private:
  result<void> look_at(const line_file& file, const file_mark& present);
  void read_lines(std::string_view tail);
  canary::chain_end remembered();
  result<void> write(const line_file& file, std::span<const boost::json::object> records);
  result<void> undo(const line_file& file, std::int64_t size, std::unordered_set<std::string> tried,
                    error why);
  void remember(std::string content);

  std::filesystem::path file_;
  std::filesystem::path last_line_;
  // The file as it was left. Whoever touches it makes it another one.
  std::unique_ptr<file_mark> left_;
  // Where the chain goes on. Empty until that is known.
  std::optional<canary::chain_end> end_;
  // The digests of the lines that may be in the file although an append failed.
  std::unordered_set<std::string> tried_;
  // What the newest records in the file say (canary::content_sha256), the oldest first.
  std::deque<std::string> contents_;
  std::unordered_set<std::string> known_;
};

}  // namespace canaryd::daemon
