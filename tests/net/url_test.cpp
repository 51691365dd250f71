#include "canaryd/net/url.hpp"

#include <gtest/gtest.h>

namespace canaryd::net {
namespace {

struct good_url {
  std::string text;
  url expected;
};

TEST(url, an_absolute_url_is_read_into_its_parts) {
  const good_url table[] = {
      {"https://app.cognigy.ai/api/v1", {"https", "app.cognigy.ai", 443, "/api/v1"}},
      {"http://localhost", {"http", "localhost", 80, "/"}},
      {"HTTPS://App.Cognigy.AI:8443/X?y=Z", {"https", "app.cognigy.ai", 8443, "/X?y=Z"}},
      {"https://host?q=a@b", {"https", "host", 443, "/?q=a@b"}},
      {"https://127.0.0.1:1/", {"https", "127.0.0.1", 1, "/"}},
      {"https://[::1]:65535/a%20b", {"https", "::1", 65535, "/a%20b"}},
      {"https://[2001:DB8:0:0::1]", {"https", "2001:db8::1", 443, "/"}},
      {"https://10.0.0.1.example/", {"https", "10.0.0.1.example", 443, "/"}},
      {"https://[::FFFF:10.0.0.1]:00080", {"https", "::ffff:10.0.0.1", 80, "/"}},
      {"https://under_score.example/{id}", {"https", "under_score.example", 443, "/{id}"}},
  };
  for (const auto& each : table) {
    const auto found = parse_url(each.text);
    ASSERT_TRUE(found) << each.text << ": " << found.error().text;
    EXPECT_EQ(*found, each.expected) << each.text;
  }
}

TEST(url, what_is_refused_says_why_and_quotes_nothing) {
  const std::pair<std::string, std::string> table[] = {
      {"", "absolute"},
      {"/api/v1", "absolute"},
      {"app.cognigy.ai/api", "absolute"},
      {"ftp://host/", "scheme"},
      {"://host/", "scheme"},
      {"https://", "no host"},
      {"https:///path", "no host"},
      {"https://:443/", "no host"},
      {"https://user:hunter2@host/", "user or password"},
      {"https://user@host/", "user or password"},
      {"https://host/#top", "fragment"},
      {"https://host/a b", "space"},
      {"https://host/\r\nX: y", "control"},
      {std::string{"https://host/\0", 14}, "control"},
      {"https://hóst/", "ASCII"},
      {"https://host\\@evil/", "backslash"},
      {"https://host/%zz", "hex"},
      {"https://host/%4", "hex"},
      {"https://host:0/", "port"},
      {"https://host:65536/", "port"},
      {"https://host:99999/", "port"},
      {"https://host:/", "port"},
      {"https://host:+1/", "port"},
      {"https://host:80x/", "port"},
      {"https://host:99999999999999999999/", "port"},
      {"https://a..b/", "valid name"},
      {"https://host./", "valid name"},
      {"https://127.1/", "valid name"},
      {"https://1.2.3.256/", "valid name"},
      {"https://ho*st/", "valid name"},
      {"https://" + std::string(64, 'a') + "/", "valid name"},
      {"https://[::1/", "bracket"},
      {"https://[]/", "IPv6"},
      {"https://[fe80::1%25eth0]/", "IPv6"},
      {"https://[::1]x/", "between"},
      {"https://host/" + std::string(8192, 'a'), "8192"},
  };
  for (const auto& [text, reason] : table) {
    const auto found = parse_url(text);
    ASSERT_FALSE(found) << text;
    EXPECT_EQ(found.error().kind, fault::refused);
    EXPECT_NE(found.error().text.find(reason), std::string::npos)
        << text << ": " << found.error().text;
    EXPECT_EQ(found.error().text.find("hunter2"), std::string::npos);
  }
}

TEST(url, logs_show_no_query_and_no_default_port) {
  EXPECT_EQ(loggable({"https", "app.cognigy.ai", 443, "/api?token=x"}),
            "https://app.cognigy.ai/api");
  EXPECT_EQ(loggable({"https", "::1", 8443, "/"}), "https://[::1]:8443/");
  EXPECT_EQ(loggable({"http", "localhost", 80, "/"}), "http://localhost/");
  EXPECT_EQ(loggable({"http", "localhost", 443, "/"}), "http://localhost:443/");
}

TEST(url, the_host_header_brackets_ipv6) {
  EXPECT_EQ(authority_of({"https", "host", 443, "/"}), "host");
  EXPECT_EQ(authority_of({"https", "::1", 443, "/"}), "[::1]");
  EXPECT_EQ(authority_of({"http", "host", 8080, "/"}), "host:8080");
}

TEST(url, loopback_is_known_by_name_and_address) {
  for (const auto* const host : {"localhost", "127.0.0.1", "127.255.0.9", "::1"})
    EXPECT_TRUE(is_loopback({"http", host, 80, "/"})) << host;
  for (const auto* const host : {"localhost.example.com", "128.0.0.1", "::2", "10.0.0.1", "127"})
    EXPECT_FALSE(is_loopback({"http", host, 80, "/"})) << host;
}

TEST(url, everything_but_unreserved_characters_is_percent_encoded) {
  EXPECT_EQ(percent_encode("bot_1.2-3~"), "bot_1.2-3~");
  EXPECT_EQ(percent_encode("a/b?c&d=e+f %"), "a%2Fb%3Fc%26d%3De%2Bf%20%25");
  EXPECT_EQ(percent_encode("\xc3\xa9"), "%C3%A9");
}

}  // namespace
}  // namespace canaryd::net
