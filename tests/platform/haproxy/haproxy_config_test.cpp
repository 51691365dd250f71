#include "canaryd/platform/haproxy/haproxy_config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace canaryd::platform {
namespace {

using testing::HasSubstr;
using testing::Not;

haproxy_bot some_bot() {
  return {.bot_id = "orders",
          .environment_id = "prod",
          .map_file = "/etc/haproxy/canaryd.map",
          .map_key = "orders",
          .seed = 7,
          .stable_backend = "orders_stable",
          .canary_backend = "orders_canary",
          .endpoint_host = "endpoint-eu.cognigy.ai",
          .stable_url_token = "5ab1e",
          .canary_url_token = "ca4a47",
          .daemon_port = 9465,
          .bind = "*:8080"};
}

std::string made(const haproxy_bot& bot) {
  const auto text = make_haproxy_config(bot);
  EXPECT_TRUE(text) << text.error().text;
  return text.value_or("");
}

std::string changed(void (*change)(haproxy_bot&)) {
  auto bot = some_bot();
  change(bot);
  return made(bot);
}

TEST(haproxy_config, splits_by_the_hash_of_the_session_and_the_share_of_the_map) {
  const auto text = made(some_bot());
  EXPECT_THAT(text, HasSubstr("var(txn.session),xxh32(7),mod(10000)\n"));
  EXPECT_THAT(text, HasSubstr("str(orders),map_str_int(/etc/haproxy/canaryd.map,0)\n"));
  EXPECT_THAT(text, HasSubstr("    default_backend orders_stable\n"));
}

TEST(haproxy_config, asks_the_daemon_whether_it_watches_the_canary) {
  const auto text = made(some_bot());
  EXPECT_THAT(text,
              HasSubstr("uri /v1/watched/orders/prod ver HTTP/1.1 hdr Host 127.0.0.1:9465\n"));
  EXPECT_THAT(text, HasSubstr("check addr 127.0.0.1 port 9465 "));
  EXPECT_THAT(text, HasSubstr("nbsrv(orders_canary) gt 0\n"));
}

TEST(haproxy_config, encodes_ids_in_the_path_and_brackets_an_IPv6_address) {
  const auto text = changed([](haproxy_bot& bot) {
    bot.bot_id = "a/b\nc d";
    bot.daemon_address = "::1";
  });
  EXPECT_THAT(text,
              HasSubstr("uri /v1/watched/a%2Fb%0Ac%20d/prod ver HTTP/1.1 hdr Host [::1]:9465"));
  EXPECT_THAT(text, HasSubstr("check addr [::1] port 9465 "));
}

TEST(haproxy_config, checks_the_certificate_of_the_endpoints_for_their_name) {
  EXPECT_THAT(made(some_bot()),
              HasSubstr("endpoint-eu.cognigy.ai:443 ssl verify required ca-file @system-ca sni "
                        "str(endpoint-eu.cognigy.ai)"));
  EXPECT_THAT(changed([](haproxy_bot& bot) { bot.ca_file = "/etc/ssl/own.pem"; }),
              HasSubstr("verify required ca-file /etc/ssl/own.pem "));
}

TEST(haproxy_config, asks_again_for_addresses_except_for_this_machine) {
  EXPECT_THAT(made(some_bot()), HasSubstr("\nresolvers canaryd\n"));
  EXPECT_THAT(changed([](haproxy_bot& bot) { bot.endpoint_host = "localhost"; }),
              Not(HasSubstr("resolvers")));
}

TEST(haproxy_config, lets_the_group_of_HAProxy_use_the_socket) {
  EXPECT_THAT(
      made(some_bot()),
      HasSubstr("    stats socket /run/haproxy/admin.sock user haproxy group haproxy mode 660 "
                "level operator\n    user haproxy\n    group haproxy\n"));
  EXPECT_THAT(changed([](haproxy_bot& bot) { bot.run_as = ""; }),
              HasSubstr("    stats socket /run/haproxy/admin.sock mode 660 level operator\n    #"));
}

TEST(haproxy_config, speaks_TLS_with_clients_where_it_has_a_certificate) {
  EXPECT_THAT(made(some_bot()), HasSubstr("    bind *:8080\n"));
  EXPECT_THAT(changed([](haproxy_bot& bot) { bot.bind_certificate = "/etc/haproxy/own.pem"; }),
              HasSubstr("    bind *:8080 ssl crt /etc/haproxy/own.pem\n"));
}

struct bad_field {
  const char* named;
  void (*spoil)(haproxy_bot&, const std::string&);
  std::vector<std::string> values;
};

const std::vector<std::string> no_words{"",    "a b",  "a\nb", "a;b",       "a\\b",
                                        "a'b", "a\"b", "a#b",  "a$b",       "{a}",
                                        "a,b", "a(b",  "a)b",  "a\xC3\xA4", "a%b"};

class bad_fields : public testing::TestWithParam<bad_field> {};

TEST_P(bad_fields, are_refused_by_name) {
  for (const auto& value : GetParam().values) {
    auto bot = some_bot();
    GetParam().spoil(bot, value);
    const auto text = make_haproxy_config(bot);
    ASSERT_FALSE(text) << GetParam().named << ": " << value;
    EXPECT_EQ(text.error().kind, fault::refused);
    EXPECT_THAT(text.error().text, HasSubstr(GetParam().named));
    EXPECT_THAT(text.error().text, Not(HasSubstr("\n")));
  }
}

INSTANTIATE_TEST_SUITE_P(
    haproxy_config, bad_fields,
    testing::Values(
        bad_field{"map_key", [](auto& bot, auto& value) { bot.map_key = value; }, no_words},
        bad_field{"map", [](auto& bot, auto& value) { bot.map_file = value; }, no_words},
        bad_field{"map",
                  [](auto& bot, auto& value) { bot.map_file = "/" + value; },
                  {no_words.begin() + 1, no_words.end()}},
        bad_field{"stable_backend", [](auto& bot, auto& value) { bot.stable_backend = value; },
                  no_words},
        bad_field{"canary_backend", [](auto& bot, auto& value) { bot.canary_backend = value; },
                  no_words},
        bad_field{"canary_backend",
                  [](auto& bot, auto&) { bot.canary_backend = bot.stable_backend; },
                  {""}},
        bad_field{"stable endpoint's URLToken",
                  [](auto& bot, auto& value) { bot.stable_url_token = value; }, no_words},
        bad_field{"stable endpoint's URLToken",
                  [](auto& bot, auto& value) { bot.stable_url_token = value; },
                  {".*", "a.b", "a/b", "[a]", "a|b", "a?", "a&b"}},
        bad_field{"canary endpoint's URLToken",
                  [](auto& bot, auto& value) { bot.canary_url_token = value; }, no_words},
        bad_field{"canary endpoint's URLToken",
                  [](auto& bot, auto&) { bot.canary_url_token = bot.stable_url_token; },
                  {""}},
        bad_field{"the endpoints' host", [](auto& bot, auto& value) { bot.endpoint_host = value; },
                  no_words},
        bad_field{"the endpoints' host",
                  [](auto& bot, auto& value) { bot.endpoint_host = value; },
                  {"192.0.2.7", "::1", "[::1]", "-a", "a/b", "a:80"}},
        bad_field{"the endpoints' port", [](auto& bot, auto&) { bot.endpoint_port = 0; }, {""}},
        bad_field{"the daemon's address",
                  [](auto& bot, auto& value) { bot.daemon_address = value; }, no_words},
        bad_field{"the daemon's address",
                  [](auto& bot, auto& value) { bot.daemon_address = value; },
                  {"localhost", "fe80::1%eth0", "[::1]"}},
        bad_field{"the daemon's port", [](auto& bot, auto&) { bot.daemon_port = 0; }, {""}},
        bad_field{"bind", [](auto& bot, auto& value) { bot.bind = value; }, no_words},
        bad_field{"bind", [](auto& bot, auto& value) { bot.bind = value; }, {"8080", "/a/socket"}},
        bad_field{"stats socket", [](auto& bot, auto& value) { bot.stats_socket = value; },
                  no_words},
        bad_field{"ca_file", [](auto& bot, auto& value) { bot.ca_file = value; }, {"a", "/a b"}},
        bad_field{"bind_certificate",
                  [](auto& bot, auto& value) { bot.bind_certificate = value; },
                  {"a", "/a b"}},
        bad_field{"run_as", [](auto& bot, auto& value) { bot.run_as = value; }, {"a b", "a\nb"}},
        bad_field{"bot_id", [](auto& bot, auto& value) { bot.bot_id = value; }, {"", ".", ".."}},
        bad_field{"environment_id",
                  [](auto& bot, auto& value) { bot.environment_id = value; },
                  {"", ".", ".."}}));

}  // namespace
}  // namespace canaryd::platform
