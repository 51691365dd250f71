#include "canaryd/job/job_file.hpp"
#include "canaryd/job/whole_units.hpp"
#include "canaryd/text/duration_text.hpp"
#include "canaryd/text/json_rules.hpp"

#include <fmt/format.h>

#include "job_file_keys.hpp"
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace canaryd::job {
namespace {

// A step's own hold that could be read, and the reader of that step.
struct own_hold {
  text::json_fields step;
  duration length{};
};

std::vector<own_hold> own_holds(text::json_fields& in, const job& read) {
  std::vector<own_hold> found;
  const auto* value = in.find("steps");
  const auto* steps = value != nullptr ? value->if_array() : nullptr;
  if (steps == nullptr || steps->size() != read.steps.size())
    return found;
  for (std::size_t i = 0; i < steps->size(); ++i) {
    if (!(*steps)[i].is_object())
      continue;
    auto step = in.element("steps", *steps, i);
    if (step->find("hold") != nullptr && step->is_sound("hold"))
      found.push_back({.step = *std::move(step), .length = read.steps[i].hold});
  }
  return found;
}

// Whether some step is held for the validation_duration, as far as the steps can be read.
bool uses_the_duration(text::json_fields& in) {
  const auto* steps = in.find("steps");
  if (steps == nullptr)
    return true;
  const auto* list = steps->if_array();
  return list != nullptr && std::ranges::any_of(*list, [](const boost::json::value& step) {
           return step.is_object() && !step.get_object().contains("hold");
         });
}

// The unit of the window of a platform, and where the platform is described.
struct window_unit {
  duration length;
  std::string place;
};

void check_whole(text::json_fields& in, std::string_view key, duration length,
                 const window_unit& unit) {
  if (length % unit.length != duration::zero())
    in.complain(key, fmt::format("found {}, allowed with \"method\": \"sequential\" are whole "
                                 "multiples of {}, the unit of the API's window ({}.window_unit)",
                                 text::format_duration(length), text::format_duration(unit.length),
                                 unit.place));
}

void check_counted_hold(text::json_fields& in, std::string_view key, duration hold,
                        const window_unit& unit) {
  check_whole(in, key, hold, unit);
  if (hold > longest_window)
    in.complain(key,
                fmt::format("found {}, allowed with \"method\": \"sequential\" is at most {}",
                            text::format_duration(hold), text::format_duration(longest_window)));
}

void check_at_least_the_interval(text::json_fields& in, std::string_view key, duration length,
                                 const job& read) {
  if (length < read.validation_interval)
    in.complain(key, fmt::format("found {}, allowed is at least validation_interval, here {}",
                                 text::format_duration(length),
                                 text::format_duration(read.validation_interval)));
}

}  // namespace

void read_times(text::json_fields& in, job& into, duration min_interval) {
  constexpr duration moment = std::chrono::milliseconds{1};
  in.read("validation_interval", into.validation_interval,
          text::duration_in(std::max(min_interval, moment)));
  in.read("validation_duration", into.validation_duration, text::duration_in(moment));
  into.max_extension = into.validation_duration;
  in.read("max_extension", into.max_extension, text::duration_in(duration::zero()));
  in.read("gate_timeout", into.gate_timeout, text::duration_in(moment));
}

void check_duration(text::json_fields& in, const job& read) {
  if (in.is_sound("validation_interval") && in.is_sound("validation_duration"))
    check_at_least_the_interval(in, "validation_duration", read.validation_duration, read);
}

void check_holds(text::json_fields& in, const job& read) {
  if (!in.is_sound("validation_interval"))
    return;
  for (auto& [step, hold] : own_holds(in, read))
    check_at_least_the_interval(step, "hold", hold, read);
}

void check_window_units(text::json_fields& in, const job& read, duration length) {
  if (!is_sequential(read))
    return;
  const window_unit unit{length, place_of_platform(read.platform)};
  if (in.is_sound("validation_interval"))
    check_whole(in, "validation_interval", read.validation_interval, unit);
  if (uses_the_duration(in) && in.is_sound("validation_duration"))
    check_counted_hold(in, "validation_duration", read.validation_duration, unit);
  for (auto& [step, hold] : own_holds(in, read))
    check_counted_hold(step, "hold", hold, unit);
}

}  // namespace canaryd::job
