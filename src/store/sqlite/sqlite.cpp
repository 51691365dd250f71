#include "canaryd/store/sqlite/sqlite.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <system_error>
#include <utility>

namespace canaryd::store {

connection::connection(std::filesystem::path file) : file_{std::move(file)} {
  const int code = sqlite3_open_v2(
      file_.c_str(), &handle_,
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW,
      nullptr);
  sqlite3_extended_result_codes(handle_, 1);
  check(code);
}

connection::~connection() {
  for (const auto& [sql, statement] : prepared_)
    sqlite3_finalize(statement);
  sqlite3_close(handle_);
}

void connection::execute(const char* sql) {
  if (!failure_)
    check(sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr));
}

void connection::fail(int code) {
  if (!failure_)
    failure_ = {code, fmt::format("{}: {}", file_.string(), sqlite3_errstr(code))};
}

result<void> connection::outcome() const {
  if (failure_)
    return canaryd::failure(fault::system, failure_->text);
  return {};
}

void connection::roll_back() {
  forgive();
  // After some failures SQLite has already done this.
  if (sqlite3_get_autocommit(handle_) == 0)
    run("ROLLBACK");
  forgive();
}

sqlite3_stmt* connection::prepare(std::string_view sql) {
  if (failure_)
    return nullptr;
  if (const auto known = prepared_.find(sql); known != prepared_.end())
    return known->second;
  sqlite3_stmt* statement = nullptr;
  check(sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()),
                           SQLITE_PREPARE_PERSISTENT, &statement, nullptr));
  if (statement != nullptr)
    prepared_.emplace(sql, statement);
  return statement;
}

void connection::check(int code) {
  if (code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE || failure_)
    return;
  auto text = fmt::format("{}: {}", file_.string(), sqlite3_errmsg(handle_));
  const int cause = sqlite3_system_errno(handle_);
  const int kind = code & 0xff;
  if (cause != 0 && (kind == SQLITE_IOERR || kind == SQLITE_CANTOPEN || kind == SQLITE_FULL))
    text += fmt::format(" ({})", std::generic_category().message(cause));
  failure_ = {code, std::move(text)};
}

std::int64_t connection::changes() const {
  return failure_ ? 0 : sqlite3_changes64(handle_);
}

rows::~rows() {
  if (statement_ == nullptr)
    return;
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

bool rows::next() {
  if (statement_ == nullptr || connection_->failure_)
    return false;
  const int code = sqlite3_step(statement_);
  connection_->check(code);
  return code == SQLITE_ROW;
}

bool rows::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

std::int64_t rows::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}

double rows::number(int column) const {
  return sqlite3_column_double(statement_, column);
}

std::string_view rows::text(int column) const {
  const auto* bytes = sqlite3_column_text(statement_, column);
  if (bytes == nullptr)
    return {};
  return {reinterpret_cast<const char*>(bytes),
          static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

void rows::bind(int place, std::int64_t value) {
  if (statement_ != nullptr)
    connection_->check(sqlite3_bind_int64(statement_, place, value));
}

void rows::bind(int place, double value) {
  if (statement_ != nullptr)
    connection_->check(sqlite3_bind_double(statement_, place, value));
}

void rows::bind(int place, std::string_view value) {
  // A null pointer would bind NULL instead of an empty text.
  if (statement_ != nullptr)
    connection_->check(sqlite3_bind_text64(statement_, place, value.empty() ? "" : value.data(),
                                           value.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
}

}  // namespace canaryd::store
