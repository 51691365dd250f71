#include "canaryd/daemon/control/request_target.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace canaryd::daemon {
namespace {

using testing::ElementsAre;
using testing::Pair;

TEST(request_target, a_path_is_split_before_it_is_decoded) {
  EXPECT_THAT(parse_target("/v1/jobs/a%2Eb%2fc")->path, ElementsAre("v1", "jobs", "a.b/c"));
  EXPECT_THAT(parse_target("/v1//jobs/")->path, ElementsAre("v1", "", "jobs", ""));
  EXPECT_THAT(parse_target("/")->path, ElementsAre(""));
  EXPECT_THAT(parse_target("//v1")->path, ElementsAre("", "v1"));
}

TEST(request_target, the_first_of_equal_keys_counts_and_a_plus_is_a_plus) {
  const auto found = parse_target("/v1/events?job=a%26b&job=c&all&x=1+1=2&");
  ASSERT_TRUE(found);
  EXPECT_THAT(found->query,
              ElementsAre(Pair("", ""), Pair("all", ""), Pair("job", "a&b"), Pair("x", "1+1=2")));
}

TEST(request_target, the_absolute_form_may_name_any_host) {
  for (const auto* const text :
       {"http://host/v1/jobs?a=b", "HTTPS://10.0.0.1.example:80/v1/jobs?a=b",
        "http://[::1]:9464/v1/jobs?a=b"}) {
    const auto found = parse_target(text);
    ASSERT_TRUE(found) << text;
    EXPECT_THAT(found->path, ElementsAre("v1", "jobs")) << text;
    EXPECT_THAT(found->query, ElementsAre(Pair("a", "b"))) << text;
  }
  EXPECT_THAT(parse_target("http://host")->path, ElementsAre(""));
  EXPECT_THAT(parse_target("http://host?a=b")->query, ElementsAre(Pair("a", "b")));
}

TEST(request_target, what_is_no_target_is_nothing) {
  for (const auto* const text :
       {"", "*", "v1/jobs", "host:80", "http:", "http:?", "http://", "http:///v1", "ftp://host/v1",
        "/v1/%", "/v1/%4", "/v1/%zz", "/v1?a=%zz", "/v1#top", "/v1/a b", "/v1/\xc3\xa9"})
    EXPECT_FALSE(parse_target(text)) << text;
}

}  // namespace
}  // namespace canaryd::daemon
