// A changed configuration file is accepted as a whole or not at all. The tests also show what stays
// in force when it is refused.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "processes.hpp"
#include <signal.h>
#include <unistd.h>

namespace canaryd::loopback {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
namespace json = boost::json;
namespace fs = std::filesystem;

class reload_program : public testing::Test {
 protected:
  void start() {
    daemon = here.start();
    ASSERT_TRUE(daemon->says("canaryd is ready")) << daemon->output();
  }
  int run(const std::string& program, std::vector<std::string> arguments) {
    fs::remove(here.file("said"));
    process asked{program, std::move(arguments), here.file("said")};
    const auto code = asked.wait();
    said = asked.output();
    return code.value_or(-1);
  }
  int canaryctl(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"--socket", here.file("control.sock").string()});
    return run("canaryctl", std::move(arguments));
  }
  int check() { return run("canaryd", {"--config", here.config_file(), "--check-config"}); }
  json::object status() {
    EXPECT_EQ(canaryctl({"status", "--json"}), 0) << said;
    return json::parse(said).as_object();
  }

  installation here;
  std::unique_ptr<process> daemon;
  std::string said;
};

TEST_F(reload_program, what_is_refused_is_not_in_force_in_any_part) {
  start();
  here.drop("job", "2.1.0", {{"validation_duration", "1h"}});
  ASSERT_TRUE(daemon->says("deployed:"));
  fs::copy_file(here.file("certs/ca.pem"), here.file("other.pem"));
  here.configure({{"base_url", "https://127.0.0.1:1/api/v1"},
                  {"proxy", "http://127.0.0.1:1"},
                  {"ca_file", here.file("other.pem").string()},
                  {"client_secret_file", here.file("certs/webhook_secret").string()}},
                 {{"log", json::object{{"level", "error"}}}, {"retention", "1h"}});
  EXPECT_EQ(canaryctl({"reload"}), 1);
  EXPECT_THAT(said,
              HasSubstr("api.base_url cannot change while a job is active: let every canary end, "
                        "and reload again"));
  // This reading uses a fresh connection and shows that neither the proxy nor the log level is in
  // force.
  const auto before = daemon->output().size();
  EXPECT_TRUE(eventually([&] { return daemon->output().substr(before).contains("verdict=pass"); }))
      << daemon->output();
  EXPECT_THAT(daemon->output(), Not(HasSubstr("verdict=provider_error")));
}

TEST_F(reload_program, a_ca_file_that_is_not_there_refuses_all_of_it) {
  start();
  here.configure({{"ca_file", here.file("none.pem").string()}},
                 {{"log", json::object{{"level", "error"}}}});
  EXPECT_EQ(canaryctl({"reload"}), 1);
  EXPECT_THAT(said, HasSubstr("none.pem"));
  EXPECT_EQ(check(), 78);
  EXPECT_THAT(said, HasSubstr("none.pem"));
  here.drop("job", "2.1.0");
  EXPECT_EQ(here.result_of("job").at("status"), "promoted_to_stable");
  EXPECT_THAT(daemon->output(), HasSubstr("verdict=pass")) << "the level of the log is what it was";
}

TEST_F(reload_program, a_refused_file_is_told_of_until_one_is_accepted) {
  start();
  EXPECT_EQ(status().at("checks").at("configuration"), "ok");
  write_file(here.config_file(), "{\n \"limtis\": {}\n}");
  daemon->signal(SIGHUP);
  ASSERT_TRUE(daemon->says("reload refused, going on as before"));
  const auto told = status();
  EXPECT_FALSE(told.at("ready").as_bool());
  EXPECT_THAT(std::string{told.at("checks").at("configuration").as_string()},
              AllOf(HasSubstr("is refused"), HasSubstr("canaryd.json:1:1: /api")));
  EXPECT_EQ(canaryctl({"reload"}), 1);
  EXPECT_THAT(said, AllOf(HasSubstr("/limtis"), HasSubstr("/api")));
  here.configure({}, {{"http_listen", "127.0.0.1:0"}});
  EXPECT_EQ(canaryctl({"reload"}), 0) << said;
  EXPECT_THAT(said,
              AllOf(HasSubstr("configuration reloaded"), HasSubstr("http_listen needs a restart")));
  EXPECT_EQ(status().at("checks").at("configuration"), "ok");
}

TEST_F(reload_program, a_restart_goes_on_with_what_was_accepted_and_says_so) {
  start();
  here.drop("job", "2.1.0", {{"validation_duration", "2s"}});
  ASSERT_TRUE(daemon->says("deployed:"));
  daemon->signal(SIGTERM);
  EXPECT_EQ(daemon->wait(), 0);
  const auto good = read_file(here.config_file());
  // The rest of a truncated file still says where the state is.
  write_file(here.config_file(), good.substr(0, good.find("\"limits\"")));
  EXPECT_EQ(check(), 78);
  start();
  EXPECT_THAT(daemon->output(),
              AllOf(HasSubstr("critical"), HasSubstr("starting with the one accepted before")));
  EXPECT_EQ(here.result_of("job").at("status"), "promoted_to_stable") << daemon->output();
  EXPECT_FALSE(status().at("ready").as_bool());
  write_file(here.config_file(), good);
  EXPECT_EQ(canaryctl({"reload"}), 0) << said;
  EXPECT_TRUE(status().at("ready").as_bool()) << said;
}

TEST_F(reload_program, a_part_of_the_configuration_is_in_force_after_a_reload_and_a_restart) {
  start();
  const auto part = here.file("canaryd.json.d/platforms.json");
  fs::create_directory(part.parent_path());
  auto eu = here.config().at("api").as_object();
  eu["driver"] = "deployments";
  write_file(part, json::serialize(json::object{{"platforms", json::object{{"eu", eu}}}}));
  EXPECT_EQ(check(), 0) << said;
  EXPECT_EQ(canaryctl({"reload"}), 0) << said;
  here.drop("job", "2.1.0", {{"platform", "eu"}, {"validation_duration", "2s"}});
  ASSERT_TRUE(daemon->says("deployed:")) << daemon->output();
  const auto twice = here.file("canaryd.json.d/twice.json");
  write_file(twice, json::serialize(json::object{{"state_dir", "/elsewhere"}}));
  EXPECT_EQ(canaryctl({"reload"}), 1);
  EXPECT_THAT(said, AllOf(HasSubstr(twice.string()), HasSubstr(here.config_file().string())));
  EXPECT_EQ(check(), 78);
  // What was accepted before has the platform too.
  daemon->signal(SIGTERM);
  EXPECT_EQ(daemon->wait(), 0);
  start();
  EXPECT_THAT(daemon->output(), HasSubstr("starting with the one accepted before"));
  EXPECT_EQ(here.result_of("job").at("status"), "promoted_to_stable") << daemon->output();
  fs::remove(twice);
  daemon->signal(SIGHUP);
  EXPECT_TRUE(daemon->says("configuration reloaded")) << daemon->output();
}

TEST_F(reload_program, a_wrong_secret_shows_at_the_start) {
  const auto right = here.file("certs/client_secret");
  fs::rename(right, here.file("certs/right"));
  write_file(right, "not the secret");
  start();
  EXPECT_TRUE(daemon->says("there is no access token, trying again"));
  EXPECT_THAT(std::string{status().at("checks").at("token").as_string()}, HasSubstr("no token"));
  fs::rename(here.file("certs/right"), right);
  EXPECT_EQ(canaryctl({"reload"}), 0) << said;
  EXPECT_TRUE(daemon->says("an access token was obtained"));
  EXPECT_TRUE(status().at("ready").as_bool()) << said;
}

TEST_F(reload_program, a_wrong_secret_shows_at_the_reload_that_brings_it) {
  start();
  ASSERT_TRUE(eventually([&] { return status().at("api") == "API ok"; }));
  const auto right = read_file(here.file("certs/client_secret"));
  write_file(here.file("certs/client_secret"), "not the secret");
  EXPECT_EQ(canaryctl({"reload"}), 0) << said;
  EXPECT_TRUE(daemon->says("there is no access token, trying again"));
  EXPECT_THAT(std::string{status().at("checks").at("token").as_string()}, HasSubstr("no token"));
  write_file(here.file("certs/client_secret"), right);
  EXPECT_EQ(canaryctl({"reload"}), 0) << said;
  EXPECT_TRUE(eventually([&] { return status().at("ready").as_bool(); })) << said;
}

TEST_F(reload_program, a_check_outside_of_the_service_leaves_out_what_only_systemd_has) {
  auto all = here.config();
  auto& api = all.at("api").as_object();
  for (const auto* key : {"client_id", "client_secret_file", "webhook_secret_file"})
    api.erase(key);
  write_file(here.config_file(), json::serialize(all));
  EXPECT_EQ(check(), 0) << said;
  EXPECT_THAT(said, HasSubstr("the credential client_id is not checked"));
  // A start needs the credentials.
  process daemon_without{"canaryd", {"--config", here.config_file()}, here.file("canaryd.log")};
  EXPECT_EQ(daemon_without.wait(), 78);
}

}  // namespace
}  // namespace canaryd::loopback
