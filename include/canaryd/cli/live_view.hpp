// Draws the live view of one canary as lines of text. Does no I/O.
#pragma once

#include "canaryd/base/time.hpp"
#include "canaryd/cli/job_info.hpp"
#include "canaryd/cli/style.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace canaryd::cli {

// One line of the events in the view.
struct noted_event {
  wall_time at;
  std::string text;
  tone colour = tone::plain;
};

struct job_scene {
  job_info job;
  // When `job` was read. Remaining times are counted from then.
  wall_time known_at;
  // Oldest first.
  std::vector<reading_info> readings;
  std::vector<noted_event> events;
  // True if the daemon does not answer at present.
  bool away = false;
};

struct view_size {
  std::size_t columns = 80;
  std::size_t rows = 24;
};

// The lines fit into `size`. If there are too few rows, the oldest events are left out first.
std::vector<std::string> render_job(const job_scene& scene, wall_time now, view_size size,
                                    const style& look);

// Returns a bar of `width` characters that is filled to `part` (0..1) in eighths of a character.
std::string progress_bar(double part, std::size_t width);

// Returns one character from ▁ to █ for each value, and "·" for a missing one. ▁ is the least and █
// the largest of the values and `limit`.
std::string sparkline(std::span<const std::optional<double>> values, std::optional<double> limit);

// Returns what is left of the hold, less the time since `known_at`. The hold's clock stands still
// while the canary is paused or waits for approval. Empty outside a hold.
std::optional<duration> hold_left(const job_scene& scene, wall_time now);

}  // namespace canaryd::cli
