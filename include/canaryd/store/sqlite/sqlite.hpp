// Wraps as much of SQLite's C interface as the store uses: a connection, and statements that are
// prepared once.
//
// After the first failure a connection executes nothing and finds no rows, until forgive() is
// called. So a function that runs several statements needs only one check, at its end.
#pragma once

#include "canaryd/base/error.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

struct sqlite3;
struct sqlite3_stmt;

namespace canaryd::store {

struct sqlite_failure {
  // SQLite's extended result code.
  int code = 0;
  // The message, which names the file.
  std::string text;
};

class rows;

class connection {
 public:
  // Opens the file, or creates it. Only one thread at a time may use the connection.
  explicit connection(std::filesystem::path file);
  ~connection();
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  // Executes statements without results and without values, separated by semicolons.
  void execute(const char* sql);

  // Executes one statement with `values` in the place of its question marks. Returns the number of
  // rows that it changed. A value is a whole number, a double, a text, or an optional of these. An
  // empty optional is NULL.
  template <class... Values>
  std::int64_t run(std::string_view sql, const Values&... values);

  // Executes a statement that gives rows. No other query with the same text may be under way.
  template <class... Values>
  rows query(std::string_view sql, const Values&... values);

  const std::optional<sqlite_failure>& failure() const { return failure_; }
  void forgive() { failure_.reset(); }
  // Notes a failure that SQLite cannot see, as if SQLite had returned `code`.
  void fail(int code);
  // Returns the failure, if there is one, as fault::system.
  result<void> outcome() const;

  // Undoes the transaction under way, if there is one, and forgets the failure.
  void roll_back();
  sqlite3* handle() { return handle_; }
  const std::filesystem::path& file() const { return file_; }

 private:
  friend class rows;

  // Returns null after a failure.
  sqlite3_stmt* prepare(std::string_view sql);
  void check(int code);
  std::int64_t changes() const;

  struct text_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };

  std::filesystem::path file_;
  sqlite3* handle_ = nullptr;
  std::unordered_map<std::string, sqlite3_stmt*, text_hash, std::equal_to<>> prepared_;
  std::optional<sqlite_failure> failure_;
};

// The rows of one query. Columns are counted from 0.
class rows {
 public:
  template <class... Values>
  rows(connection& of, sqlite3_stmt* statement, const Values&... values)
      : connection_{&of}, statement_{statement} {
    if constexpr (sizeof...(values) > 0) {
      int place = 0;
      (bind(++place, values), ...);
    }
  }
  ~rows();
  rows(const rows&) = delete;
  rows& operator=(const rows&) = delete;

  // Goes to the next row. Returns false if there is none, or after a failure.
  bool next();

  bool is_null(int column) const;
  std::int64_t integer(int column) const;
  double number(int column) const;
  // The text is valid until next(). It is empty for NULL.
  std::string_view text(int column) const;

 private:
  void bind(int place, std::int64_t value);
  void bind(int place, double value);
  void bind(int place, std::string_view value);
  void bind(int place, const std::string& value) { bind(place, std::string_view{value}); }
  // An empty optional is not bound, which makes it NULL.
  template <class T>
  void bind(int place, const std::optional<T>& value) {
    if (value)
      bind(place, *value);
  }

  connection* connection_;
  // Null if it could not be prepared.
  sqlite3_stmt* statement_;
};

template <class... Values>
std::int64_t connection::run(std::string_view sql, const Values&... values) {
  rows none{*this, prepare(sql), values...};
  none.next();
  return changes();
}

template <class... Values>
rows connection::query(std::string_view sql, const Values&... values) {
  return rows{*this, prepare(sql), values...};
}

}  // namespace canaryd::store
