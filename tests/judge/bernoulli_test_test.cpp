#include "canaryd/judge/bernoulli_test.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

namespace canaryd::judge {
namespace {

constexpr double exact = 1e-5;

struct known_values {
  double limit;
  std::int64_t trials;
  double events;
  double above;
  double below;
};

void expect_nearly(double found, double expected) {
  EXPECT_NEAR(found, expected, exact * expected);
}

// Computed by numeric integration of the mixture.
TEST(bernoulli_test, its_values_are_those_of_the_mixture) {
  for (const auto& [limit, trials, events, above, below] :
       {known_values{0.05, 100, 5, 0.035142, 0.432302},
        known_values{0.05, 100, 10, 0.615811, 0.145806},
        known_values{0.05, 100, 12, 3.703196, 0.113099},
        known_values{0.05, 100, 15, 105.482186, 0.0841665}}) {
    SCOPED_TRACE(events);
    const auto found = test_rate(limit, events, trials);
    expect_nearly(std::exp(found.above), above);
    expect_nearly(std::exp(found.below), below);
  }
  expect_nearly(std::exp(test_rate(0.05, 8, 48).above), 11.333164);
  expect_nearly(std::exp(test_rate(0.3, 100, 250).above), 31.300732);
}

TEST(bernoulli_test, the_first_number_of_errors_that_rejects_is_known) {
  struct bound {
    std::int64_t trials;
    double events;
  };
  const double needed = std::log(1 / 0.05);
  for (const auto& [trials, events] : {bound{20, 5}, bound{50, 9}, bound{100, 14}, bound{200, 23},
                                       bound{500, 45}, bound{1000, 78}}) {
    SCOPED_TRACE(trials);
    EXPECT_LT(test_rate(0.05, events - 1, trials).above, needed);
    EXPECT_GE(test_rate(0.05, events, trials).above, needed);
  }
}

TEST(bernoulli_test, nothing_seen_is_no_evidence) {
  const auto found = test_rate(0.05, 0, 0);
  EXPECT_NEAR(found.above, 0.0, exact);
  EXPECT_NEAR(found.below, 0.0, exact);
  EXPECT_EQ(test_rate(0.0, 0, 0).above, 0.0);
  EXPECT_EQ(test_rate(1.0, 0, 0).below, 0.0);
}

TEST(bernoulli_test, at_a_limit_of_nothing_a_single_error_is_proof) {
  EXPECT_EQ(test_rate(0.0, 1, 10).above, std::numeric_limits<double>::infinity());
  expect_nearly(std::exp(test_rate(0.0, 0, 10).above), 1.0 / 11);
  EXPECT_EQ(std::exp(test_rate(0.0, 0, 10).below), 0.0);
}

TEST(bernoulli_test, a_limit_of_everything_is_never_exceeded) {
  EXPECT_EQ(std::exp(test_rate(1.0, 10, 10).above), 0.0);
  expect_nearly(std::exp(test_rate(1.0, 10, 10).below), 1.0 / 11);
  EXPECT_EQ(test_rate(1.0, 9, 10).below, std::numeric_limits<double>::infinity());
}

TEST(bernoulli_test, it_is_never_without_an_answer) {
  for (const std::int64_t trials : {1L, 1'000L, 1'000'000L, 1'000'000'000L}) {
    for (const double share : {0.0, 1e-6, 0.05, 0.5, 1.0}) {
      for (const double limit : {1e-12, 0.05, 0.5, 1 - 1e-12}) {
        const auto found = test_rate(limit, share * static_cast<double>(trials), trials);
        EXPECT_FALSE(std::isnan(found.above)) << limit << " " << share << " of " << trials;
        EXPECT_FALSE(std::isnan(found.below)) << limit << " " << share << " of " << trials;
      }
    }
  }
}

TEST(bernoulli_test, more_events_than_trials_count_as_all_of_them) {
  EXPECT_EQ(test_rate(0.05, 11, 10).above, test_rate(0.05, 10, 10).above);
  EXPECT_EQ(test_rate(0.05, -1, 10).above, test_rate(0.05, 0, 10).above);
}

// An e-value is a bet at fair odds: its expected gain is at most the stake.
TEST(bernoulli_test, its_mean_at_the_limit_is_one) {
  constexpr double limit = 0.3;
  for (const std::int64_t trials : {1, 7, 40}) {
    double above = 0.0;
    double below = 0.0;
    for (std::int64_t events = 0; events <= trials; ++events) {
      const auto n = static_cast<double>(trials);
      const auto s = static_cast<double>(events);
      const double chance =
          std::exp(std::lgamma(n + 1) - std::lgamma(s + 1) - std::lgamma(n - s + 1) +
                   s * std::log(limit) + (n - s) * std::log(1 - limit));
      above += chance * std::exp(test_rate(limit, s, trials).above);
      below += chance * std::exp(test_rate(limit, s, trials).below);
    }
    EXPECT_NEAR(above, 1.0, 1e-9);
    EXPECT_NEAR(below, 1.0, 1e-9);
  }
}

}  // namespace
}  // namespace canaryd::judge
