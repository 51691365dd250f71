#include "terminal_run.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <chrono>
#include <csignal>
#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace canaryd::cli {
namespace {

using namespace std::chrono_literals;

bool continues_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

winsize window_of(std::size_t columns, std::size_t rows) {
  winsize window{};
  window.ws_col = static_cast<unsigned short>(columns);
  window.ws_row = static_cast<unsigned short>(rows);
  return window;
}

}  // namespace

screen_emulator::screen_emulator(std::size_t columns, std::size_t rows)
    : columns_{columns}, rows_(rows) {}

void screen_emulator::resize(std::size_t columns, std::size_t rows) {
  columns_ = columns;
  rows_.resize(rows);
}

void screen_emulator::feed(const std::string& bytes) {
  pending_ += bytes;
  std::size_t at = 0;
  while (at < pending_.size()) {
    auto end = at + 1;
    if (pending_[at] == '\x1B') {
      while (end < pending_.size() && (std::isalpha(pending_[end]) == 0))
        ++end;
      if (end == pending_.size())
        break;
      take_sequence(pending_.substr(at, ++end - at));
    } else {
      while (end < pending_.size() && continues_character(pending_[end]))
        ++end;
      // More of it may still come.
      if (end == pending_.size() && static_cast<unsigned char>(pending_[at]) >= 0x80U)
        break;
      take_character(pending_.substr(at, end - at));
    }
    at = end;
  }
  pending_.erase(0, at);
}

void screen_emulator::take_character(const std::string& character) {
  if (character == "\n")
    return new_line();
  if (character == "\r") {
    column_ = 0;
    return;
  }
  if (column_ == columns_) {
    if (wraps_) {
      column_ = 0;
      new_line();
    } else {
      --column_;
    }
  }
  auto& row = rows_[row_];
  if (row.size() <= column_)
    row.resize(column_ + 1, " ");
  row[column_++] = character;
}

void screen_emulator::new_line() {
  if (row_ + 1 < rows_.size()) {
    ++row_;
    return;
  }
  rows_.erase(rows_.begin());
  rows_.emplace_back();
}

void screen_emulator::take_sequence(const std::string& sequence) {
  at_rest_ = sequence == "\x1B[J";
  if (sequence == "\x1B[H")
    row_ = column_ = 0;
  else if (sequence == "\x1B[K")
    rows_[row_].resize(std::min(rows_[row_].size(), column_));
  else if (sequence == "\x1B[J")
    for (auto i = row_; i < rows_.size(); ++i)
      rows_[i].clear();
  else if (sequence == "\x1B[?25l" || sequence == "\x1B[?25h")
    cursor_visible_ = sequence.ends_with('h');
  else if (sequence == "\x1B[?7l" || sequence == "\x1B[?7h")
    wraps_ = sequence.ends_with('h');
  else if (!sequence.ends_with('m'))
    unknown_.push_back(sequence);
}

std::string screen_emulator::text() const {
  std::string all;
  for (const auto& row : rows_) {
    std::string line;
    for (const auto& cell : row)
      line += cell;
    line.erase(line.find_last_not_of(' ') + 1);
    all += line + "\n";
  }
  return all;
}

terminal_run::terminal_run(const std::vector<std::string>& arguments, std::size_t columns,
                           std::size_t rows)
    : screen_{columns, rows} {
  std::string program = CANARYD_BIN_DIR "/canaryctl";
  auto copies = arguments;
  std::vector<char*> argv{program.data()};
  for (auto& each : copies)
    argv.push_back(each.data());
  argv.push_back(nullptr);
  const auto window = window_of(columns, rows);
  pid_ = forkpty(&terminal_, nullptr, nullptr, &window);
  if (pid_ == 0) {
    setenv("TERM", "xterm-256color", 1);
    execv(program.c_str(), argv.data());
    _exit(127);
  }
}

terminal_run::~terminal_run() {
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  close(terminal_);
}

bool terminal_run::read_some() {
  pollfd waiting{.fd = terminal_, .events = POLLIN, .revents = 0};
  if (poll(&waiting, 1, 50) <= 0)
    return true;
  std::array<char, 4096> some{};
  const auto got = read(terminal_, some.data(), some.size());
  // The program has closed it: EIO.
  if (got <= 0)
    return false;
  const std::string text(some.data(), static_cast<std::size_t>(got));
  bytes_ += text;
  screen_.feed(text);
  return true;
}

template <class Condition>
bool terminal_run::wait_until(Condition holds) {
  const auto until = std::chrono::steady_clock::now() + 10s;
  while (!holds() && std::chrono::steady_clock::now() < until) {
    if (!read_some())
      break;
  }
  return holds();
}

bool terminal_run::shows(const std::string& text) {
  return wait_until([&] { return screen_.is_at_rest() && screen_.text().contains(text); });
}

bool terminal_run::shows_no(const std::string& text) {
  return wait_until([&] { return screen_.is_at_rest() && !screen_.text().contains(text); });
}

void terminal_run::resize(std::size_t columns, std::size_t rows) {
  const auto window = window_of(columns, rows);
  screen_.resize(columns, rows);
  ioctl(terminal_, TIOCSWINSZ, &window);
}

void terminal_run::press_interrupt() const {
  constexpr char control_c = 3;
  [[maybe_unused]] const auto written = write(terminal_, &control_c, 1);
}

void terminal_run::signal(int number) const {
  kill(pid_, number);
}

int terminal_run::finish() {
  const auto until = std::chrono::steady_clock::now() + 10s;
  int status = 0;
  bool open = true;
  while (std::chrono::steady_clock::now() < until) {
    if (open)
      open = read_some();
    if (waitpid(pid_, &status, open ? WNOHANG : 0) == pid_) {
      while (open) {
        const auto before = bytes_.size();
        open = read_some() && bytes_.size() != before;
      }
      pid_ = -1;
      return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
  }
  return -1;
}

}  // namespace canaryd::cli
