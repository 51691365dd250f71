#include "canaryd/net/request_text.hpp"

#include <gtest/gtest.h>

namespace canaryd::net {
namespace {

request to_example(std::string method, std::string body = "") {
  request message;
  message.method = std::move(method);
  message.target = {"https", "example.com", 8443, "/a?b=c"};
  message.headers = {{"Accept", "application/json"}};
  message.body = std::move(body);
  return message;
}

TEST(request_text, a_get_has_no_length) {
  EXPECT_EQ(*make_request_text(to_example("GET")),
            "GET /a?b=c HTTP/1.1\r\nHost: example.com:8443\r\nAccept: application/json\r\n\r\n");
}

TEST(request_text, a_write_has_its_length_also_where_that_is_zero) {
  EXPECT_EQ(*make_request_text(to_example("POST", "{}")),
            "POST /a?b=c HTTP/1.1\r\nHost: example.com:8443\r\nAccept: application/json\r\n"
            "Content-Length: 2\r\n\r\n{}");
  EXPECT_TRUE(make_request_text(to_example("PATCH"))->contains("Content-Length: 0\r\n"));
}

TEST(request_text, what_would_break_the_message_apart_is_refused_without_showing_it) {
  const std::vector<header> table = {
      {"X-Name", "secret\r\nHost: elsewhere"},
      {"X-Name", "secret\n"},
      {"X-Name", std::string{"secret\0", 7}},
      {"X-Name", "secret\x7f"},
      {"X Name", "secret"},
      {"X-Name:", "secret"},
      {"", "secret"},
      {"host", "secret"},
      {"Content-length", "secret"},
      {"Connection", "secret"},
      {"Transfer-Encoding", "secret"},
  };
  for (const auto& each : table) {
    auto message = to_example("GET");
    message.headers.push_back(each);
    const auto text = make_request_text(message);
    ASSERT_FALSE(text) << each.name;
    EXPECT_EQ(text.error().kind, fault::refused);
    EXPECT_FALSE(text.error().text.contains("secret")) << text.error().text;
  }
  EXPECT_FALSE(make_request_text(to_example("GET /x HTTP/1.1\r\nA:")));
  EXPECT_FALSE(make_request_text(to_example("")));
}

}  // namespace
}  // namespace canaryd::net
