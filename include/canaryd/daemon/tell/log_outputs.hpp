// Where lines of the log go: the journal, or standard error.
#pragma once

#include "canaryd/daemon/tell/log_writer.hpp"

#include <spdlog/sinks/sink.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string_view>

namespace canaryd::daemon {

spdlog::level::level_enum to_spdlog(severity level);

// Plain lines with the whole date, or for a terminal in colour with the time alone.
enum class line_style : std::uint8_t { plain, terminal };
log_writer::output make_stderr_output(line_style style);

// The sink of spdlog that gives each line, with the event at hand, to `writer`.
std::shared_ptr<spdlog::sinks::sink> make_queueing_sink(std::shared_ptr<log_writer> writer);

// Writes to a descriptor that may be read by nobody: false where not all of it is taken in time.
bool write_within(int descriptor, std::string_view bytes, std::chrono::milliseconds limit);

}  // namespace canaryd::daemon
