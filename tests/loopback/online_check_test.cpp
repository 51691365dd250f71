// canaryd --check-config --online asks a real server, over TLS.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "processes.hpp"

namespace canaryd::loopback {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;
namespace json = boost::json;
namespace fs = std::filesystem;

class online_check_program : public testing::Test {
 protected:
  int check(const installation& here) {
    process asked{"canaryd",
                  {"--config", here.config_file(), "--check-config", "--online"},
                  here.file("said")};
    const auto code = asked.wait(10s);
    said = asked.output();
    return code.value_or(-1);
  }
  std::string said;
};

TEST_F(online_check_program, says_ok_for_each_platform_and_touches_nothing) {
  installation here;
  auto eu = here.config().at("api").as_object();
  eu["driver"] = "deployments";
  here.configure({}, {{"platforms", json::object{{"eu", eu}}}});
  EXPECT_EQ(check(here), 0);
  EXPECT_EQ(said, "default: ok\neu: ok\n");
  EXPECT_FALSE(fs::exists(here.file("jobs")));
  EXPECT_FALSE(fs::exists(here.file("state")));
}

TEST_F(online_check_program, a_wrong_secret_is_told_of_and_the_other_platform_is_ok) {
  installation here;
  auto eu = here.config().at("api").as_object();
  eu["driver"] = "deployments";
  eu["client_secret_file"] = here.file("wrong").string();
  write_file(here.file("wrong"), "not the secret");
  fs::permissions(here.file("wrong"), fs::perms::owner_read);
  here.configure({}, {{"platforms", json::object{{"eu", eu}}}});
  EXPECT_EQ(check(here), 75);
  EXPECT_THAT(said, AllOf(StartsWith("default: ok\neu: no token from https://127.0.0.1:"),
                          HasSubstr(": 401"), testing::Not(HasSubstr("not the secret"))));
}

TEST_F(online_check_program, a_server_that_is_not_there_is_told_of) {
  installation here;
  here.configure({{"token_url", "https://127.0.0.1:1/oauth/token"}});
  EXPECT_EQ(check(here), 75);
  EXPECT_THAT(said, AllOf(StartsWith("default: no token from https://127.0.0.1:1/oauth/token: "),
                          HasSubstr("Connection refused")));
}

TEST_F(online_check_program, a_server_that_does_not_answer_is_not_waited_for_longer_than_allowed) {
  installation here{{"--answer-delay", "60000"}};
  here.configure({{"request_timeout", "300ms"}});
  EXPECT_EQ(check(here), 75);
  EXPECT_THAT(said, StartsWith("default: no token from "));
}

TEST_F(online_check_program, a_configuration_that_is_wrong_is_not_asked_with) {
  installation here;
  here.configure({}, {{"limtis", json::object{}}});
  EXPECT_EQ(check(here), 78);
  EXPECT_THAT(said, AllOf(HasSubstr("/limtis"), testing::Not(HasSubstr("default:"))));
}

TEST_F(online_check_program, online_without_check_config_is_a_usage_error) {
  const installation here;
  process asked{"canaryd", {"--config", here.config_file(), "--online"}, here.file("said")};
  EXPECT_EQ(asked.wait(10s), 64);
  EXPECT_THAT(asked.output(), HasSubstr("--check-config"));
}

}  // namespace
}  // namespace canaryd::loopback
