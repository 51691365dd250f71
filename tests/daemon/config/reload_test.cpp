#include "canaryd/daemon/config/reload.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace canaryd::daemon {
namespace {

config with_unit(char unit) {
  config settings;
  settings.api().window_unit = unit;
  return settings;
}

// Of the platform of `api`.
active_by_platform active(active_jobs jobs) {
  return {{"default", jobs}};
}

const std::set<std::string> same_clients;
const std::set<std::string> other_client{"default"};

TEST(reload, the_api_and_the_client_stay_while_a_job_is_active) {
  config wanted;
  wanted.api().base_url = "https://elsewhere.example.com";
  EXPECT_TRUE(merge_reload({}, wanted, {}, other_client));
  EXPECT_FALSE(merge_reload({}, wanted, active({.any = true}), same_clients));
  EXPECT_FALSE(merge_reload({}, {}, active({.any = true}), other_client));
}

TEST(reload, the_unit_stays_while_somebody_counts_in_it) {
  EXPECT_TRUE(merge_reload(with_unit('s'), with_unit('m'), active({.any = true}), same_clients));
  const auto counting = active({.any = true, .sequential = true});
  const auto refused = merge_reload(with_unit('s'), with_unit('m'), counting, same_clients);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().text, testing::HasSubstr("window_unit"));
  EXPECT_TRUE(merge_reload(with_unit('s'), with_unit('s'), counting, same_clients));
}

TEST(reload, every_reason_to_refuse_it_is_named) {
  config wanted = with_unit('s');
  wanted.api().base_url = "https://elsewhere.example.com";
  const auto refused =
      merge_reload(with_unit('m'), wanted, active({.any = true, .sequential = true}), other_client);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().text, testing::AllOf(testing::HasSubstr("api.base_url"),
                                                   testing::HasSubstr("api.client_id"),
                                                   testing::HasSubstr("api.window_unit"),
                                                   testing::Not(testing::HasSubstr("token_url"))));
}

TEST(reload, a_platform_may_come_at_any_time_and_go_once_it_has_no_job) {
  config two;
  two.platforms["eu"].place = "platforms.eu";
  const active_by_platform in_eu{{"eu", {.any = true}}};
  EXPECT_TRUE(merge_reload({}, two, active({.any = true}), same_clients));
  EXPECT_TRUE(merge_reload(two, {}, active({.any = true}), same_clients));
  const auto refused = merge_reload(two, {}, in_eu, same_clients);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().text, testing::HasSubstr("platforms.eu cannot be removed"));
}

TEST(reload, the_api_of_a_platform_changes_whatever_is_active_on_another) {
  config two;
  two.platforms["eu"].place = "platforms.eu";
  auto moved = two;
  moved.platforms["eu"].base_url = "https://elsewhere.example.com";
  EXPECT_TRUE(merge_reload(two, moved, active({.any = true}), same_clients));
  const auto refused = merge_reload(two, moved, {{"eu", {.any = true}}}, same_clients);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().text, testing::HasSubstr("platforms.eu.base_url"));
}

TEST(reload, folders_and_sockets_stay_until_a_restart) {
  config present;
  present.state_dir = "/var/lib/one";
  config wanted;
  wanted.state_dir = "/var/lib/other";
  wanted.retention = duration{1};
  const auto merged = merge_reload(present, wanted, {}, same_clients);
  ASSERT_TRUE(merged);
  EXPECT_EQ(merged->state_dir, present.state_dir);
  EXPECT_EQ(merged->retention, wanted.retention);
  EXPECT_THAT(keys_that_need_restart(present, wanted), testing::ElementsAre("state_dir"));
}

}  // namespace
}  // namespace canaryd::daemon
