#include "canaryd/delivery/audit_route.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace canaryd::delivery {
namespace {

using testing::ElementsAre;

TEST(audit_route, a_record_goes_to_every_sink_that_is_listed) {
  EXPECT_THAT(audit_destinations({audit_sink::api}, "default", true), ElementsAre("audit:api"));
  EXPECT_THAT(audit_destinations({audit_sink::file}, "eu", true), ElementsAre("audit:file"));
  EXPECT_THAT(audit_destinations({audit_sink::file, audit_sink::api}, "eu", true),
              ElementsAre("audit:api:eu", "audit:file"));
}

TEST(audit_route, a_record_that_no_listed_sink_takes_goes_to_the_file) {
  EXPECT_THAT(audit_destinations({audit_sink::api}, "eu", false), ElementsAre("audit:file"));
  EXPECT_THAT(audit_destinations({audit_sink::api, audit_sink::file}, "eu", false),
              ElementsAre("audit:file"));
}

}  // namespace
}  // namespace canaryd::delivery
