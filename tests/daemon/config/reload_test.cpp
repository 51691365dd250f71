#include "canaryd/daemon/config/reload.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace canaryd::daemon {
namespace {

config with_unit(char unit) {
  config settings;
  settings.api.window_unit = unit;
  return settings;
}

TEST(reload, the_api_and_the_client_stay_while_a_job_is_active) {
  config wanted;
  wanted.api.base_url = "https://elsewhere.example.com";
  EXPECT_TRUE(merge_reload({}, wanted, {}, true));
  EXPECT_FALSE(merge_reload({}, wanted, {.any = true}, false));
  EXPECT_FALSE(merge_reload({}, {}, {.any = true}, true));
}

TEST(reload, the_unit_stays_while_somebody_counts_in_it) {
  EXPECT_TRUE(merge_reload(with_unit('s'), with_unit('m'), {.any = true}, false));
  const active_jobs counting{.any = true, .sequential = true};
  const auto refused = merge_reload(with_unit('s'), with_unit('m'), counting, false);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().text, testing::HasSubstr("window_unit"));
  EXPECT_TRUE(merge_reload(with_unit('s'), with_unit('s'), counting, false));
}

TEST(reload, every_reason_to_refuse_it_is_named) {
  config wanted = with_unit('s');
  wanted.api.base_url = "https://elsewhere.example.com";
  const auto refused =
      merge_reload(with_unit('m'), wanted, {.any = true, .sequential = true}, true);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().text, testing::AllOf(testing::HasSubstr("api.base_url"),
                                                   testing::HasSubstr("api.client_id"),
                                                   testing::HasSubstr("api.window_unit"),
                                                   testing::Not(testing::HasSubstr("token_url"))));
}

TEST(reload, folders_and_sockets_stay_until_a_restart) {
  config present;
  present.state_dir = "/var/lib/one";
  config wanted;
  wanted.state_dir = "/var/lib/other";
  wanted.retention = duration{1};
  const auto merged = merge_reload(present, wanted, {}, false);
  ASSERT_TRUE(merged);
  EXPECT_EQ(merged->state_dir, present.state_dir);
  EXPECT_EQ(merged->retention, wanted.retention);
  EXPECT_THAT(keys_that_need_restart(present, wanted), testing::ElementsAre("state_dir"));
}

}  // namespace
}  // namespace canaryd::daemon
