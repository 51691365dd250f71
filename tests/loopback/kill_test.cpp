// What must be true after the daemon was killed at random instants. The tests print the seed, and
// CANARYD_KILL_SEED=… plays it again (though never to the same microsecond).
#include <gtest/gtest.h>

#include "kill_history.hpp"
#include <cstdlib>
#include <iostream>
#include <memory>
#include <random>
#include <regex>
#include <set>

namespace canaryd::loopback {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

std::uint64_t choose_seed() {
  const char* given = std::getenv("CANARYD_KILL_SEED");
  return given != nullptr ? std::stoull(given) : std::random_device{}();
}

std::string text_of(const json::object& from, std::string_view key) {
  const auto* found = from.if_contains(key);
  return found != nullptr && found->is_string() ? std::string{found->get_string()} : std::string{};
}

// All tests share one history.
class kills : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    const auto seed = choose_seed();
    std::cout << "CANARYD_KILL_SEED=" << seed << std::endl;
    history = std::make_unique<kill_history>(seed);
    ended = history->play();
    std::cout << history->kills() << " kills" << std::endl;
  }
  static void TearDownTestSuite() { history.reset(); }

  void SetUp() override { ASSERT_TRUE(ended) << history->problem(); }

  static std::vector<json::object> listed(std::string_view key) {
    std::vector<json::object> all;
    for (const auto& each : history->api().at(key).as_array())
      all.push_back(each.as_object());
    return all;
  }
  static std::vector<json::object> deployments_of(const dropped_job& job) {
    auto all = listed("deployments");
    std::erase_if(all, [&](const auto& each) { return text_of(each, "version") != job.version; });
    return all;
  }
  // Returns "canary_initiated/success canary_completed/success", in order of arrival.
  static std::string records_of(const dropped_job& job) {
    std::string told;
    for (const auto& record : listed("audits")) {
      if (text_of(record, "job_id") == job.name)
        told += text_of(record, "action") + "/" + text_of(record, "status") + " ";
    }
    return told;
  }
  static std::vector<std::string> files_in(const std::string& folder) {
    std::vector<std::string> names;
    for (const auto& each : fs::directory_iterator{history->here().file("jobs/" + folder)})
      names.push_back(each.path().filename());
    return names;
  }

  static std::unique_ptr<kill_history> history;
  static bool ended;
};

std::unique_ptr<kill_history> kills::history;
bool kills::ended = false;

TEST_F(kills, leave_every_job_with_one_result_and_nothing_else_behind) {
  EXPECT_EQ(files_in("done").size(), 2 * history->jobs().size());
  for (const auto* folder : {"incoming", "active", "rejected"})
    EXPECT_EQ(files_in(folder), std::vector<std::string>{}) << folder;
  for (const auto& job : history->jobs()) {
    const auto result = history->result_of(job);
    EXPECT_EQ(text_of(result, "job_id"), job.name);
    EXPECT_EQ(text_of(result, "version"), job.version);
  }
}

TEST_F(kills, leave_no_deployment_that_nobody_watches) {
  for (const auto& each : listed("deployments"))
    EXPECT_NE(text_of(each, "status"), "active") << json::serialize(each);
}

TEST_F(kills, leave_results_that_say_what_became_of_the_deployment) {
  for (const auto& job : history->jobs()) {
    const auto result = history->result_of(job);
    const auto id = text_of(result, "deployment_id");
    const auto status = text_of(result, "status");
    std::string seen = "failed";
    for (const auto& each : deployments_of(job)) {
      if (text_of(each, "deploymentId") != id)
        EXPECT_EQ(text_of(each, "status"), "rolled_back") << history->log_of(job);
      else
        seen =
            text_of(each, "status") == "promoted" ? "promoted_to_stable" : text_of(each, "status");
    }
    EXPECT_EQ(status, seen) << history->log_of(job);
    EXPECT_NE(text_of(result, "reason"), "external_change") << history->log_of(job);
  }
}

TEST_F(kills, never_promote_a_bad_version) {
  for (const auto& job : history->jobs()) {
    if (job.is_bad)
      EXPECT_NE(text_of(history->result_of(job), "status"), "promoted_to_stable")
          << history->log_of(job);
  }
}

TEST_F(kills, do_not_keep_good_versions_from_being_promoted) {
  std::size_t good = 0;
  std::size_t promoted = 0;
  for (const auto& job : history->jobs()) {
    good += job.is_bad ? 0 : 1;
    promoted += text_of(history->result_of(job), "status") == "promoted_to_stable" ? 1 : 0;
  }
  EXPECT_GT(promoted, good / 2);
}

TEST_F(kills, lose_no_audit_record_and_tell_each_job_in_order) {
  std::set<std::string> ids;
  for (const auto& record : listed("audits"))
    EXPECT_TRUE(ids.insert(text_of(record, "record_id")).second) << json::serialize(record);
  EXPECT_EQ(ids.size(), history->here().stored_records());
  for (const auto& job : history->jobs()) {
    const auto status = text_of(history->result_of(job), "status");
    const std::string initiated = "(canary_initiated/success (canary_extended/success )*)";
    const std::string rollback =
        "canary_rollback/triggered (canary_rollback/failure )?canary_rollback/success ";
    const auto wanted = status == "promoted_to_stable" ? initiated + "canary_completed/success "
                        : status == "rolled_back"      ? initiated + "?" + rollback
                                                       : "canary_failed/failure ";
    EXPECT_TRUE(std::regex_match(records_of(job), std::regex{wanted}))
        << status << ": " << records_of(job) << '\n'
        << history->log_of(job);
  }
}

TEST_F(kills, make_no_request_that_a_correct_client_never_makes) {
  for (const auto& violation : listed("violations"))
    ADD_FAILURE() << json::serialize(violation);
}

TEST_F(kills, leave_no_secret_in_any_file) {
  const auto& here = history->here();
  std::vector<std::string> secrets{"simulated-token-"};
  for (const auto* name : {"certs/client_secret", "certs/webhook_secret"}) {
    auto secret = read_file(here.file(name));
    secret.erase(secret.find_last_not_of('\n') + 1);
    ASSERT_GE(secret.size(), 8U);
    secrets.push_back(secret);
  }
  std::vector<fs::path> files{here.file("canaryd.log")};
  for (const auto* folder : {"jobs", "state"}) {
    for (const auto& each : fs::recursive_directory_iterator{here.file(folder)}) {
      if (each.is_regular_file())
        files.push_back(each.path());
    }
  }
  for (const auto& file : files) {
    const auto content = read_file(file);
    for (const auto& secret : secrets)
      EXPECT_FALSE(content.contains(secret)) << file;
  }
}

}  // namespace
}  // namespace canaryd::loopback
