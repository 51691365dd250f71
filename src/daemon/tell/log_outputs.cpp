#include "canaryd/daemon/tell/log_outputs.hpp"

#include "canaryd/daemon/tell/journal.hpp"

#include <climits>
#include <spdlog/details/log_msg.h>
#include <spdlog/pattern_formatter.h>

#include <algorithm>
#include <cerrno>
#include <poll.h>
#include <string>
#include <unistd.h>
#include <utility>

namespace canaryd::daemon {
namespace {

std::string_view colour_of(severity level) {
  switch (level) {
    case severity::debug:
      return "\x1B[36m";
    case severity::info:
      return "\x1B[32m";
    case severity::warning:
      return "\x1B[33m\x1B[1m";
    case severity::error:
      return "\x1B[31m\x1B[1m";
    case severity::critical:
      return "\x1B[1m\x1B[41m";
  }
  return "";
}

// Writes everything, however long that takes. Drops a line that nobody can read any more.
void write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto count = ::write(descriptor, bytes.data(), bytes.size());
    if (count > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno == EAGAIN) {
      pollfd ready{.fd = descriptor, .events = POLLOUT, .revents = 0};
      ::poll(&ready, 1, -1);
    } else if (errno != EINTR) {
      return;
    }
  }
}

class queueing_sink final : public spdlog::sinks::sink {
 public:
  explicit queueing_sink(std::shared_ptr<log_writer> writer) : writer_{std::move(writer)} {}

  void log(const spdlog::details::log_msg& message) override {
    log_line line{.at = message.time, .text = {message.payload.data(), message.payload.size()}};
    if (const auto* event = event_at_hand(); event != nullptr) {
      line.level = event->level;
      line.about = event->about;
      for (const auto& [key, value, in_line] : event->fields)
        line.fields.emplace_back(key, value);
    }
    writer_->add(std::move(line));
  }
  void flush() override {}
  void set_pattern(const std::string& /*pattern*/) override {}
  void set_formatter(std::unique_ptr<spdlog::formatter> /*formatter*/) override {}

 private:
  std::shared_ptr<log_writer> writer_;
};

}  // namespace

spdlog::level::level_enum to_spdlog(severity level) {
  switch (level) {
    case severity::debug:
      return spdlog::level::debug;
    case severity::info:
      return spdlog::level::info;
    case severity::warning:
      return spdlog::level::warn;
    case severity::error:
      return spdlog::level::err;
    case severity::critical:
      return spdlog::level::critical;
  }
  return spdlog::level::info;
}

log_writer::output make_stderr_output(line_style style) {
  const bool in_colour = style == line_style::terminal;
  auto formatter = std::make_shared<spdlog::pattern_formatter>(
      in_colour ? "%H:%M:%S %^%-8l%$ %v" : "%Y-%m-%dT%H:%M:%S.%e%z %^%l%$ %v");
  return [in_colour, formatter = std::move(formatter)](const log_line& line) {
    const spdlog::details::log_msg message{line.at, {}, "", to_spdlog(line.level), line.text};
    spdlog::memory_buf_t text;
    formatter->format(message, text);
    std::string shown{text.data(), text.size()};
    if (in_colour) {
      shown.insert(message.color_range_end, "\x1B[m");
      shown.insert(message.color_range_start, colour_of(line.level));
    }
    write_all(STDERR_FILENO, shown);
  };
}

std::shared_ptr<spdlog::sinks::sink> make_queueing_sink(std::shared_ptr<log_writer> writer) {
  return std::make_shared<queueing_sink>(std::move(writer));
}

bool write_within(int descriptor, std::string_view bytes, std::chrono::milliseconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!bytes.empty()) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    pollfd ready{.fd = descriptor, .events = POLLOUT, .revents = 0};
    if (left.count() <= 0 || ::poll(&ready, 1, static_cast<int>(left.count())) == 0)
      return false;
    // A pipe that is ready takes this much without waiting.
    const auto count =
        ::write(descriptor, bytes.data(), std::min<std::size_t>(bytes.size(), PIPE_BUF));
    if (count > 0)
      bytes.remove_prefix(static_cast<std::size_t>(count));
    else if (errno != EINTR && errno != EAGAIN)
      return false;
  }
  return true;
}

}  // namespace canaryd::daemon
