#include "canaryd/platform/cognigy/route.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/cognigy/driver_fixture.hpp"
#include <functional>
#include <limits>

namespace canaryd::platform::cognigy {
namespace {

using testing::HasSubstr;

struct wrong {
  std::string_view what;
  std::function<void(fake_cognigy&, fake_splitter&)> spoil;
  std::string_view told;
};

const wrong what_is_wrong[] = {
    {"a snapshot that is not there", [](auto& project, auto&) { project.snapshots.pop_back(); },
     "no snapshot of project aaaaaaaaaaaaaaaaaaaaaaaa is called 2.0"},
    {"a snapshot that is there twice",
     [](auto& project, auto&) { project.snapshots.front().name = "2.0"; },
     "2 snapshots of the project are called 2.0"},
    {"a stable endpoint of another project",
     [](auto& project, auto&) { project.endpoints[stable_id].project_id = canary_id; },
     "the stable endpoint 111111111111111111111111 is of project 222222222222222222222222"},
    {"a canary endpoint of another project",
     [](auto& project, auto&) { project.endpoints[canary_id].project_id = stable_id; },
     "the canary endpoint 222222222222222222222222 is of project"},
    {"an inactive stable endpoint",
     [](auto& project, auto&) { project.endpoints[stable_id].active = false; },
     "the stable endpoint 111111111111111111111111 is not active"},
    {"an inactive canary endpoint",
     [](auto& project, auto&) { project.endpoints[canary_id].active = false; },
     "the canary endpoint 222222222222222222222222 is not active"},
    {"a stable endpoint without analytics",
     [](auto& project, auto&) { project.endpoints[stable_id].use_analytics = false; },
     "has no analytics"},
    {"a canary endpoint without analytics",
     [](auto& project, auto&) { project.endpoints[canary_id].use_analytics = false; },
     "has no analytics"},
    {"swapped endpoints",
     [](auto& project, auto&) {
       std::swap(project.endpoints[stable_id].name, project.endpoints[canary_id].name);
     },
     "the endpoints look swapped"},
    {"endpoints of two channels",
     [](auto& project, auto&) { project.endpoints[canary_id].channel = "voice"; },
     "the stable endpoint is of channel rest, and the canary endpoint of voice"},
    {"a snapshot without the flow", [](auto& project, auto&) { project.flows = {"f2"}; },
     "does not contain the stable endpoint's flow f1"},
    {"a snapshot without the locale", [](auto& project, auto&) { project.locales.clear(); },
     "does not contain the stable endpoint's locale l1"},
    {"a snapshot that is stable already",
     [](auto& project, auto&) { project.endpoints[stable_id].entrypoint = new_snapshot; },
     "has the snapshot 2.0 already"},
    {"an endpoint that is not there",
     [](auto& project, auto&) { project.endpoints.erase(canary_id); }, "404 refused"},
    {"somebody else's share", [](auto&, auto& splits) { splits.shares["orders"] = 700; },
     "the share of orders is 7% already: somebody else's canary"},
    {"a missing map key", [](auto&, auto& splits) { splits.shares.clear(); },
     "the splitter's share of orders: entry not found"},
    {"a missing backend", [](auto&, auto& splits) { splits.backends.erase("orders_canary"); },
     "the splitter's backend orders_canary: no such backend"},
};

class preflight : public cognigy_test, public testing::WithParamInterface<wrong> {};

TEST_P(preflight, refuses_what_is_wrong_and_changes_nothing) {
  GetParam().spoil(project, splits);
  const auto refused = deploy();
  ASSERT_FALSE(refused) << GetParam().what;
  EXPECT_EQ(refused.error().kind, fault::refused) << GetParam().what;
  EXPECT_THAT(refused.error().text, HasSubstr(std::string{GetParam().told}));
  EXPECT_TRUE(splits.changes.empty()) << GetParam().what;
  EXPECT_EQ(count("PATCH"), 0U) << GetParam().what;
}

INSTANTIATE_TEST_SUITE_P(all, preflight, testing::ValuesIn(what_is_wrong));

TEST(route, is_found_where_it_is_configured_with_ids) {
  settings from;
  from.bots["orders"] = {.project_id = project_id,
                         .environments = {{"prod",
                                           {.stable_endpoint = stable_id,
                                            .canary_endpoint = canary_id,
                                            .map_key = "orders",
                                            .stable_backend = "s",
                                            .canary_backend = "c"}}}};
  EXPECT_TRUE(find_route(from, "orders", "prod"));
  EXPECT_THAT(find_route(from, "other", "prod").error().text, HasSubstr("bot other is not"));
  EXPECT_THAT(find_route(from, "orders", "test").error().text, HasSubstr("environment test of"));
  auto& at = from.bots["orders"].environments["prod"];
  at.canary_endpoint = stable_id;
  EXPECT_THAT(find_route(from, "orders", "prod").error().text, HasSubstr("are the same"));
  at.canary_endpoint = "../x";
  EXPECT_THAT(find_route(from, "orders", "prod").error().text,
              HasSubstr("canary_endpoint of bot orders is not 24 hexadecimal digits"));
  at.canary_endpoint = canary_id;
  at.map_key.clear();
  EXPECT_THAT(find_route(from, "orders", "prod").error().text, HasSubstr("no map_key"));
}

TEST(share, is_counted_in_hundredths_of_a_percent) {
  EXPECT_EQ(to_basis_points(0.0), 0);
  EXPECT_EQ(to_basis_points(0.01), 1);
  EXPECT_EQ(to_basis_points(5.1), 510);
  EXPECT_EQ(to_basis_points(33.333), 3333);
  EXPECT_EQ(to_basis_points(100.0), 10'000);
  for (const double none : {-0.01, 100.01, 0.001, std::numeric_limits<double>::quiet_NaN()})
    EXPECT_FALSE(to_basis_points(none)) << none;
}

}  // namespace
}  // namespace canaryd::platform::cognigy
