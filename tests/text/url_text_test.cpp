#include "canaryd/text/url_text.hpp"

#include <gtest/gtest.h>

namespace canaryd::text {
namespace {

TEST(url_text, https_and_loopback_http_are_accepted) {
  for (const auto* url :
       {"https://example.com", "https://ci-cd.example.com/hooks/x",
        "https://example.com:8443/a?b=c", "https://10.0.0.1/x", "https://[2001:db8::1]:443/x",
        "https://a_b.example/", "https://example.com?x=1", "https://example.com/a@b",
        "http://localhost", "http://LocalHost/", "http://localhost:8080/x", "http://127.0.0.1/",
        "http://127.9.8.7:1/x", "http://[::1]:65535/", "http://[0::1]/",
        "https://10.0.0.1.example/", "https://example.com./"})
    EXPECT_TRUE(is_https_or_loopback(url)) << url;
}

TEST(url_text, everything_else_is_refused) {
  for (const auto* url : {"",
                          "example.com",
                          "/hook",
                          "//example.com/",
                          "ftp://example.com/",
                          "HTTPS",
                          "https:",
                          "https://",
                          "https:///x",
                          "https://:443/",
                          "https://user@example.com/",
                          "https://user:pw@example.com/",
                          "https://example.com:0/",
                          "https://example.com:65536/",
                          "https://example.com:99999/",
                          "https://[::1%25lo]/",
                          "https://example.com:/",
                          "https://example.com:x/",
                          "https://example.com/#part",
                          "https://exa mple.com/",
                          "https://example.com/\n",
                          "https://exämple.com/",
                          "https://[::1",
                          "https://[]/",
                          "https://[zz]/",
                          "https://exa$mple/",
                          "http://example.com/",
                          "http://localhost.example.com/",
                          "http://127.example.com/",
                          "http://127.0.0.1.example.com/",
                          "http://127.0.0.256/",
                          "http://127.0.1/",
                          "http://128.0.0.1/",
                          "http://[::2]/"})
    EXPECT_FALSE(is_https_or_loopback(url)) << url;
  EXPECT_FALSE(is_https_or_loopback("https://" + std::string(300, 'a') + "/"));
}

TEST(url_text, a_shown_url_has_no_user_part_and_no_query) {
  EXPECT_EQ(redacted_url("https://example.com/a"), "https://example.com/a");
  EXPECT_EQ(redacted_url("https://user:secret@example.com/a?token=secret#secret"),
            "https://example.com/a");
  EXPECT_EQ(redacted_url("https://a@secret@example.com"), "https://example.com");
  EXPECT_EQ(redacted_url("https://example.com/@x"), "https://example.com/@x");
  EXPECT_EQ(redacted_url("user:secret@example.com"), "example.com");
  EXPECT_EQ(redacted_url("?secret"), "");
}

}  // namespace
}  // namespace canaryd::text
