// The outputs of the log: the journal and standard error.
#pragma once

#include "canaryd/daemon/tell/log_writer.hpp"

#include <spdlog/sinks/sink.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string_view>

namespace canaryd::daemon {

spdlog::level::level_enum to_spdlog(severity level);

// Plain lines have the whole date. Lines for a terminal have colour, and only the time.
enum class line_style : std::uint8_t { plain, terminal };
log_writer::output make_stderr_output(line_style style);

// Makes a sink of spdlog that gives each line, with its event, to `writer`.
std::shared_ptr<spdlog::sinks::sink> make_queueing_sink(std::shared_ptr<log_writer> writer);

// Writes to a descriptor that perhaps nobody reads. Returns false if not all is taken in time.
bool write_within(int descriptor, std::string_view bytes, std::chrono::milliseconds limit);

}  // namespace canaryd::daemon
