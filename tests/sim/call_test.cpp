#include "canaryd/sim/call.hpp"

#include <gtest/gtest.h>

namespace canaryd::sim {
namespace {

struct routed {
  std::string_view method;
  std::string_view target;
  call what;
  std::string_view bot_id = "";
  std::string_view deployment_id = "";
};

TEST(call, every_path_of_the_api_has_its_call) {
  for (const auto& expected : {
           routed{"POST", "/oauth/token", call::token},
           routed{"POST", "/api/v1/bots/bot_a/deploy", call::deploy, "bot_a"},
           routed{"GET", "/api/v1/bots/bot_a/versions?environmentId=e", call::versions, "bot_a"},
           routed{"GET", "/api/v1/metrics/conversations?botId=b", call::metrics},
           routed{"GET", "/fallback/metrics/conversations?botId=b", call::fallback_metrics},
           routed{"GET", "/api/v1/webhooks", call::list_webhooks},
           routed{"POST", "/api/v1/webhooks", call::register_webhook},
           routed{"POST", "/api/v1/audit/logs", call::audit},
           routed{"GET", "/api/v1/deployments?botId=b", call::find_deployments},
           routed{"GET", "/api/v1/deployments/dep-1", call::get_deployment, "", "dep-1"},
           routed{"PATCH", "/api/v1/deployments/dep-1", call::change_traffic, "", "dep-1"},
           routed{"POST", "/api/v1/deployments/dep-1/rollback", call::rollback, "", "dep-1"},
           routed{"POST", "/api/v1/deployments/dep-1/promote", call::promote, "", "dep-1"},
       }) {
    const auto found = match_call(expected.method, expected.target);
    EXPECT_EQ(found.what, expected.what) << expected.target;
    EXPECT_EQ(found.bot_id, expected.bot_id) << expected.target;
    EXPECT_EQ(found.deployment_id, expected.deployment_id) << expected.target;
  }
}

TEST(call, other_paths_and_methods_are_unknown) {
  for (const auto& [method, target] : {
           std::pair{"GET", "/"},
           {"GET", ""},
           {"GET", "/api/v1"},
           {"GET", "/oauth/token"},
           {"DELETE", "/api/v1/deployments/dep-1"},
           {"POST", "/api/v1/bots//deploy"},
           {"POST", "/api/v1/bots/a/b/deploy"},
           {"POST", "/api/v1/bots/bot%2/deploy"},
           {"GET", "/api/v1/deployments/"},
           {"GET", "/api/v1/webhooks/"},
           {"POST", "/api/v1/audit/logs/more"},
       }) {
    EXPECT_EQ(match_call(method, target).what, call::unknown) << method << ' ' << target;
  }
}

TEST(call, ids_in_a_path_are_decoded) {
  EXPECT_EQ(match_call("POST", "/api/v1/bots/a%2Bb+c/deploy").bot_id, "a+b+c");
}

TEST(call, a_name_leads_to_its_call_and_back) {
  for (std::size_t place = 0; place < call_count; ++place) {
    const auto what = static_cast<call>(place);
    EXPECT_EQ(call_named(to_string(what)), what);
  }
  EXPECT_EQ(call_named("polls"), std::nullopt);
}

TEST(call, form_values_are_decoded) {
  EXPECT_EQ(form_value("a=1&b=x%20y+z&c", "b"), "x y z");
  EXPECT_EQ(form_value("a=1&b=2", "a"), "1");
  EXPECT_EQ(form_value("a=1&c", "c"), "");
  EXPECT_EQ(form_value("a=%zz", "a"), std::nullopt);
  EXPECT_EQ(form_value("a=%4", "a"), std::nullopt);
  EXPECT_EQ(form_value("ab=1", "b"), std::nullopt);
  EXPECT_EQ(form_value("", "a"), std::nullopt);
}

}  // namespace
}  // namespace canaryd::sim
