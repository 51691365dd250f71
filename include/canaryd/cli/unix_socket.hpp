// A connection to a Unix socket. Sending and receiving have a time limit.
#pragma once

#include "canaryd/base/error.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace canaryd::cli {

using steady_time = std::chrono::steady_clock::time_point;

class unix_socket {
 public:
  // Fails as fault::unreachable if nobody is there or access is denied. The text says what to do.
  static result<unix_socket> connect(const std::string& path);

  ~unix_socket();
  unix_socket(unix_socket&& other) noexcept;
  unix_socket& operator=(unix_socket&& other) noexcept;
  unix_socket(const unix_socket&) = delete;
  unix_socket& operator=(const unix_socket&) = delete;

  // Fails as fault::lost if the other side is gone, or if it is not done at `until`.
  result<void> send(std::string_view bytes, steady_time until) const;
  // Waits for bytes and returns them, at most 64 KiB. Empty at the end. Fails as send() does.
  result<std::string> receive(steady_time until) const;

  // For waiting with poll(2).
  int descriptor() const { return fd_; }

 private:
  explicit unix_socket(int fd) : fd_{fd} {}

  int fd_;
};

}  // namespace canaryd::cli
