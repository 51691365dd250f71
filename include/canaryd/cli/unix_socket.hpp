// A connection to a Unix socket, with a time limit on everything.
#pragma once

#include "canaryd/base/error.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace canaryd::cli {

using steady_time = std::chrono::steady_clock::time_point;

class unix_socket {
 public:
  // fault::unreachable: nobody there, or not allowed; the text says what to do about it.
  static result<unix_socket> connect(const std::string& path);

  ~unix_socket();
  unix_socket(unix_socket&& other) noexcept;
  unix_socket& operator=(unix_socket&& other) noexcept;
  unix_socket(const unix_socket&) = delete;
  unix_socket& operator=(const unix_socket&) = delete;

  // fault::lost where the other side is gone or takes longer.
  result<void> send(std::string_view bytes, steady_time until) const;
  // What has come, at least one byte, at most 64 KiB; empty at the end. fault::lost as above.
  result<std::string> receive(steady_time until) const;

  // To wait for with poll(2).
  int descriptor() const { return fd_; }

 private:
  explicit unix_socket(int fd) : fd_{fd} {}

  int fd_;
};

}  // namespace canaryd::cli
