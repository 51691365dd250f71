// The live view of one canary: what is known of it, as lines of text. No I/O.
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

// One line of the view's last events.
struct noted_event {
  wall_time at;
  std::string text;
  tone colour = tone::plain;
};

struct job_scene {
  job_info job;
  // When `job` was true: times run on from there.
  wall_time known_at;
  // Oldest first.
  std::vector<reading_info> readings;
  std::vector<noted_event> events;
  // The daemon does not answer at present.
  bool away = false;
};

struct view_size {
  std::size_t columns = 80;
  std::size_t rows = 24;
};

// No line is wider and there are no more lines than `size` allows; where rows are few, the oldest
// events go first.
std::vector<std::string> render_job(const job_scene& scene, wall_time now, view_size size,
                                    const style& look);

// A bar of `width` characters, filled to `part` (0..1) in eighths of a character.
std::string progress_bar(double part, std::size_t width);

// ▁ to █, one for each value, between the least and the largest of the values and `limit`; a gap
// ("·") where there is no value.
std::string sparkline(std::span<const std::optional<double>> values, std::optional<double> limit);

// What is left of the hold, with the time passed since `known_at`; it stands still while the canary
// is paused or waits for approval, and is absent outside a hold.
std::optional<duration> hold_left(const job_scene& scene, wall_time now);

}  // namespace canaryd::cli
