#include "canaryd/text/json_rules.hpp"
#include "canaryd/text/text.hpp"

#include <fmt/format.h>

#include "job_file_keys.hpp"
#include <cmath>

namespace canaryd::job {
namespace {

constexpr std::size_t max_steps = 20;

// Shares as people write them may only nearly sum to 100, such as 33.3 and 66.6.
bool is_nearly(double value, double target) {
  constexpr double tolerance = 0.1;
  constexpr double rounding_of_the_sum = 1e-9;
  return std::abs(value - target) <= tolerance + rounding_of_the_sum;
}

// The stable share as people would write it: 100 - 0.015 is 99.985.
double rest_of(double canary) {
  constexpr double parts = 1e9;
  return std::round((100 - canary) * parts) / parts;
}

// Complains if the two shares do not sum to 100.
void check_sum(text::json_fields& in, double stable, double canary) {
  const double sum = stable + canary;
  if (is_nearly(sum, 100))
    return;
  if (std::abs(sum - 1) < 0.002)
    in.complain("",
                "stable and canary sum to 1: percentages are meant, not fractions (95 and 5, "
                "not 0.95 and 0.05)");
  else
    in.complain("", fmt::format("stable and canary sum to {}, allowed is 100 (± 0.1)",
                                text::shortest_decimal(std::round(sum * 1e6) / 1e6)));
}

// Complains if `share` is above max_traffic_percentage, which the defaults of a configuration do
// not have.
void check_maximum(const text::json_fields& file, text::json_fields& in, double share,
                   const job& read) {
  const bool comparable =
      file.members().contains("max_traffic_percentage") && file.is_sound("max_traffic_percentage");
  if (comparable && share > read.max_traffic_percentage)
    in.complain("canary",
                fmt::format("found {}, allowed is at most max_traffic_percentage, here {}",
                            text::shortest_decimal(share),
                            text::shortest_decimal(read.max_traffic_percentage)));
}

text::rule<double> canary_share() {
  return text::number_in({.min = 0, .max = 100, .above_min = true});
}

// `before` is the newest share that could be read, or 0.
traffic_step read_step(const text::json_fields& file, text::json_fields& in, const job& into,
                       double before) {
  traffic_step step{.hold = into.validation_duration};
  if (in.require("canary", step.canary_percent, canary_share())) {
    check_maximum(file, in, step.canary_percent, into);
    if (step.canary_percent <= before)
      in.complain(
          "canary",
          fmt::format("found {}, allowed is more than in the step before, here {}",
                      text::shortest_decimal(step.canary_percent), text::shortest_decimal(before)));
  }
  in.read("hold", step.hold, text::duration_in(std::chrono::milliseconds{1}));
  in.read("approve", step.approve, text::boolean());
  in.refuse_unknown_keys();
  return step;
}

void check_agreement(text::json_fields& matrix, double canary, double first_share) {
  if (!is_nearly(canary, first_share))
    matrix.complain(
        "canary", fmt::format("found {}, allowed is the share of the first of the "
                              "steps, here {} (± 0.1)",
                              text::shortest_decimal(canary), text::shortest_decimal(first_share)));
}

}  // namespace

void read_steps(text::json_fields& in, job& into) {
  into.steps = {{.hold = into.validation_duration}};
  const auto* steps = in.array("steps", 1, max_steps);
  if (steps == nullptr)
    return;
  into.steps.clear();
  double share = 0;
  for (std::size_t i = 0; i < steps->size(); ++i) {
    auto step = in.element("steps", *steps, i);
    into.steps.push_back(step ? read_step(in, *step, into, share) : traffic_step{});
    if (into.steps.back().canary_percent > 0)
      share = into.steps.back().canary_percent;
    if (i == 0 && into.steps.front().approve)
      step->complain("approve",
                     "nothing leads to the first step but the deploy itself: allowed is "
                     "false, or true on a later step");
  }
  into.stable_percent = rest_of(into.steps.front().canary_percent);
}

void read_traffic_matrix(text::json_fields& in, job& into) {
  const bool has_steps = in.find("steps") != nullptr;
  auto matrix = in.object("traffic_matrix");
  if (!has_steps && in.find("traffic_matrix") == nullptr)
    in.complain("traffic_matrix",
                "missing, required is one of traffic_matrix (a single share) and steps (several)");
  if (!matrix)
    return;
  double stable = 0;
  double canary = 0;
  const bool has_stable =
      matrix->require("stable", stable, text::number_in({.min = 0, .max = 100}));
  const bool has_canary = matrix->require("canary", canary, canary_share());
  matrix->refuse_unknown_keys();
  if (has_stable && has_canary)
    check_sum(*matrix, stable, canary);
  if (has_canary)
    check_maximum(in, *matrix, canary, into);
  // This is 0 if the share could not be read.
  auto& first_share = into.steps.front().canary_percent;
  if (!has_steps)
    first_share = canary;
  else if (has_canary && first_share > 0)
    check_agreement(*matrix, canary, first_share);
  // If the matrix only nearly agrees with the first step, stable_percent keeps what read_steps()
  // made of the step, so that both shares sum to 100.
  if (canary == first_share)
    into.stable_percent = stable;
}

}  // namespace canaryd::job
