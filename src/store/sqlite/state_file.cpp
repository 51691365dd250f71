#include "state_file.hpp"

#include "canaryd/store/sqlite/schema.hpp"
#include "canaryd/text/wall_text.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <cerrno>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>

namespace canaryd::store {
namespace {

namespace fs = std::filesystem;

std::unexpected<error> failed(std::string what, const std::error_code& why) {
  return failure(fault::system, fmt::format("{}: {}", what, why.message()));
}

// SQLite would make the file readable for others. -wal and -shm get the mode of the file.
result<void> create_where_missing(const fs::path& file) {
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
  if (fd < 0)
    return failed("cannot open " + file.string(), {errno, std::generic_category()});
  ::close(fd);
  return {};
}

bool is_corruption(const sqlite_failure& failure) {
  const int kind = failure.code & 0xff;
  return kind == SQLITE_CORRUPT || kind == SQLITE_NOTADB;
}

void configure(connection& state) {
  state.execute(
      "PRAGMA busy_timeout = 5000;"
      "PRAGMA trusted_schema = OFF;"
      "PRAGMA temp_store = MEMORY;"
      "PRAGMA cache_size = -32768;"
      "PRAGMA journal_mode = WAL;"
      "PRAGMA wal_autocheckpoint = 1000;"
      "PRAGMA journal_size_limit = 4194304;");
}

void check_integrity(connection& state) {
  auto report = state.query("PRAGMA quick_check(1)");
  if (report.next() && report.text(0) != "ok")
    state.fail(SQLITE_CORRUPT);
}

// Returns the problem if the file is corrupt and has to be replaced, or nothing if it can be used.
result<std::optional<std::string>> prepare(connection& state) {
  configure(state);
  check_integrity(state);
  if (const auto& failure = state.failure(); failure && is_corruption(*failure))
    return failure->text;
  if (const auto usable = state.outcome(); !usable)
    return std::unexpected{usable.error()};
  if (const auto migrated = migrate(state); !migrated)
    return std::unexpected{migrated.error()};
  // This comes last, because a migration may rebuild tables that others refer to.
  state.execute("PRAGMA foreign_keys = ON");
  if (const auto usable = state.outcome(); !usable)
    return std::unexpected{usable.error()};
  return std::nullopt;
}

// Such as "20260301T093000Z".
std::string compact_time(wall_time now) {
  std::string compact;
  for (const char c : text::format_wall_time(now).substr(0, 19)) {
    if (c != '-' && c != ':')
      compact += c;
  }
  return compact + "Z";
}

result<fs::path> move_aside(const fs::path& file, wall_time now) {
  const auto wanted = file.string() + ".corrupt-" + compact_time(now);
  auto aside = wanted;
  std::error_code ignored;
  for (int number = 2; fs::exists(aside, ignored); ++number)
    aside = fmt::format("{}.{}", wanted, number);
  // The database is moved last. After a crash before that, this is simply done again.
  for (const char* suffix : {"-wal", "-shm", ""}) {
    std::error_code problem;
    fs::rename(file.string() + suffix, aside + suffix, problem);
    if (problem && problem != std::errc::no_such_file_or_directory)
      return failed("cannot move the corrupt " + file.string() + suffix, problem);
  }
  return aside;
}

// Copies all that is committed, even if it is still in the log.
result<void> copy_state(connection& from, const fs::path& to) {
  connection copy{to};
  if (const auto usable = copy.outcome(); !usable)
    return usable;
  auto* copying = sqlite3_backup_init(copy.handle(), "main", from.handle(), "main");
  if (copying == nullptr)
    return failed("cannot copy the state to " + to.string(),
                  std::make_error_code(std::errc::io_error));
  sqlite3_backup_step(copying, -1);
  const int code = sqlite3_backup_finish(copying);
  if (code != SQLITE_OK)
    copy.fail(code);
  return copy.outcome();
}

}  // namespace

result<std::unique_ptr<connection>> rewrite_state(connection& open) {
  const auto& file = open.file();
  const fs::path anew = file.string() + ".new";
  std::error_code problem;
  fs::remove(anew, problem);
  if (const auto created = create_where_missing(anew); !created)
    return std::unexpected{created.error()};
  if (const auto copied = copy_state(open, anew); !copied)
    return std::unexpected{copied.error()};
  // The copy has everything from the old log. If the log stayed, SQLite would apply it to the copy.
  for (const char* suffix : {"-wal", "-shm"})
    fs::remove(file.string() + suffix, problem);
  fs::rename(anew, file, problem);
  if (problem)
    return failed("cannot rename " + anew.string(), problem);
  auto state = std::make_unique<connection>(file);
  const auto corruption = prepare(*state);
  if (!corruption)
    return std::unexpected{corruption.error()};
  if (*corruption)
    return failure(fault::system, **corruption);
  return state;
}

result<opened_state> open_state(const fs::path& file, wall_time now) {
  opened_state opened;
  for (;;) {
    if (const auto created = create_where_missing(file); !created)
      return std::unexpected{created.error()};
    opened.state = std::make_unique<connection>(file);
    const auto corruption = prepare(*opened.state);
    if (!corruption)
      return std::unexpected{corruption.error()};
    if (!*corruption)
      return opened;
    opened.state.reset();
    // The corrupt file is a new one, so another try would not help.
    if (opened.set_aside)
      return failure(fault::system, **corruption);
    const auto aside = move_aside(file, now);
    if (!aside)
      return std::unexpected{aside.error()};
    opened.set_aside = {*aside, **corruption};
  }
}

}  // namespace canaryd::store
