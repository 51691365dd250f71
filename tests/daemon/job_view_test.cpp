#include "canaryd/daemon/job_view.hpp"

#include "canaryd/daemon/live_events.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include "support/full_canary.hpp"
#include "support/virtual_time.hpp"
#include <array>

namespace canaryd::daemon {
namespace {

using namespace std::chrono_literals;
using core::canary_state;

TEST(job_view, traffic_is_what_the_canary_has_now) {
  const auto spec = support::full_job();
  auto current = core::make_canary("a", "uid", spec);
  const auto traffic_in = [&](canary_state state) {
    current.state = state;
    return traffic_of(spec, current);
  };
  EXPECT_EQ(traffic_in(canary_state::queued), 0);
  EXPECT_EQ(traffic_in(canary_state::deploying), 0);
  EXPECT_EQ(traffic_in(canary_state::rolling_back), 0) << "nothing is known to be deployed";
  current.deployment_id = "dep-1";
  EXPECT_EQ(traffic_in(canary_state::observing), 33.3);
  EXPECT_EQ(traffic_in(canary_state::promoting), 33.3);
  EXPECT_EQ(traffic_in(canary_state::rolling_back), 33.3);
  EXPECT_EQ(traffic_in(canary_state::rolled_back), 0);
  EXPECT_EQ(traffic_in(canary_state::failed), 0);
  EXPECT_EQ(traffic_in(canary_state::promoted_to_stable), 100);
  current.rollback.traffic_removed = true;
  EXPECT_EQ(traffic_in(canary_state::rolling_back), 0);
}

TEST(job_view, a_check_that_is_overdue_is_now_and_a_hold_that_is_over_has_nothing_left) {
  const auto spec = support::full_job();
  auto current = core::make_canary("a", "uid", spec);
  current.state = canary_state::observing;
  current.hold.next_due = core::instant{10s};
  current.hold.ends = core::instant{20s};
  const auto view =
      view_job(spec, current, {core::instant{30s}, core::wall_time{1'700'000'000'000ms}});
  EXPECT_EQ(view.at("next_check_at"), "2023-11-14T22:13:20.000Z");
  EXPECT_EQ(view.at("hold_remaining_s"), 0.0);
}

TEST(job_view, a_paused_hold_has_left_what_it_had) {
  const auto spec = support::full_job();
  auto current = core::make_canary("a", "uid", spec);
  current.state = canary_state::paused;
  current.deployment_id = "dep-1";
  current.hold.ends = core::instant{20s};
  current.hold.paused_since = core::instant{12s};
  current.hold.left = 8s;
  const auto view =
      view_job(spec, current, {core::instant{3000s}, core::wall_time{1'700'000'000'000ms}});
  EXPECT_EQ(view.at("hold_remaining_s"), 8.0);
  EXPECT_EQ(view.at("state"), "paused");
  EXPECT_EQ(view.at("traffic"), 33.3);
}

class live_events_test : public testing::Test {
 protected:
  // Of the newest event its kind and what it says.
  std::pair<std::string, boost::json::value> next() {
    const auto text = *time.await(listener->next(async::clock::now() + 1s));
    const auto data = text.find("\ndata: ");
    return {text.substr(7, data - 7), boost::json::parse(text.substr(data + 7))};
  }

  support::virtual_time time;
  event_hub hub{time.executor()};
  std::shared_ptr<subscription> listener = hub.listen("");
};

TEST_F(live_events_test, a_reading_names_its_job) {
  store::job_record job{.spec = support::full_job(), .canary = support::full_canary()};
  publish_reading(hub, job);
  const auto [kind, data] = next();
  EXPECT_EQ(kind, "reading");
  EXPECT_EQ(data.at("job_id"), "nightly.2");
  EXPECT_EQ(data.at("metrics").at("error_rate").at("limit"), 0.05);
}

TEST_F(live_events_test, a_state_is_the_whole_job) {
  store::job_record job{.spec = support::full_job(), .canary = support::full_canary()};
  publish_state(hub, job);
  const auto [kind, data] = next();
  EXPECT_EQ(kind, "state");
  EXPECT_EQ(data.at("job_id"), "nightly.2");
  EXPECT_EQ(data.at("state"), "observing");
}

TEST_F(live_events_test, a_line_of_the_log_has_its_level_text_and_fields) {
  const std::array fields{field{"job", "orders"}, field{"bot", "bot_a", false}, field{"x", ""}};
  publish_log(hub, core::severity::warning, "two\nlines", fields);
  const auto [kind, data] = next();
  EXPECT_EQ(kind, "log");
  EXPECT_EQ(data.at("level"), "warning");
  EXPECT_EQ(data.at("text"), "two\nlines");
  EXPECT_EQ(data.at("job_id"), "orders");
  EXPECT_EQ(data.at("bot"), "bot_a");
  EXPECT_FALSE(data.as_object().contains("x"));
  EXPECT_FALSE(data.as_object().contains("job"));
}

}  // namespace
}  // namespace canaryd::daemon
