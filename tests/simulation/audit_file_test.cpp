// Audit records in a file, with crashes in between.
#include "canaryd/canary/audit_check.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "history.hpp"
#include "simulated_daemon.hpp"
#include "support/read_file.hpp"
#include <filesystem>
#include <sstream>

namespace canaryd::simulation {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view file_name = "audit.jsonl";

void tell_both(machine& here) {
  here.settings().audit.sinks = {delivery::audit_sink::api, delivery::audit_sink::file};
}

// What a reader of the file sees.
struct contents {
  // `action/status` of each record, in the order of the lines.
  std::vector<std::string> actions;
  std::vector<std::string> findings;
};

contents read(const fs::path& file) {
  contents seen;
  canary::chain_check check;
  check.begin_file("audit");
  std::istringstream in{support::read_file(file)};
  for (std::string line; std::getline(in, line);) {
    check.add(line, !in.eof());
    boost::system::error_code broken;
    const auto record = boost::json::parse(line, broken);
    if (!broken)
      seen.actions.push_back(fmt::format("{}/{}", record.at("action").as_string().c_str(),
                                         record.at("status").as_string().c_str()));
  }
  for (const auto& each : check.finish().findings)
    seen.findings.push_back(each.text);
  return seen;
}

class audit_in_a_file : public testing::Test {
 protected:
  audit_in_a_file() { tell_both(daemon.host()); }
  ~audit_in_a_file() override { daemon.stop(); }

  fs::path file() { return daemon.host().directory() / file_name; }

  simulated_daemon daemon;
};

TEST_F(audit_in_a_file, each_sink_that_is_listed_has_every_record) {
  daemon.start();
  daemon.drop("orders.json", simulated_daemon::job("1.0"));
  daemon.result_of("orders");
  const auto seen = read(file());
  EXPECT_EQ(seen.actions, daemon.audits_of("orders"));
  EXPECT_THAT(seen.findings, IsEmpty());
  EXPECT_EQ(seen.actions.back(), "canary_completed/success");
}

TEST_F(audit_in_a_file, the_file_alone_takes_the_records_off_the_api) {
  daemon.settings().audit.sinks = {delivery::audit_sink::file};
  daemon.start();
  daemon.drop("orders.json", simulated_daemon::job("1.0"));
  daemon.result_of("orders");
  EXPECT_EQ(read(file()).actions.back(), "canary_completed/success");
  EXPECT_THAT(daemon.audits_of("orders"), IsEmpty());
  daemon.run_for(1min);
  EXPECT_EQ(daemon.host().status().queued_records, 0U);
}

TEST_F(audit_in_a_file, a_reload_says_where_new_records_go) {
  daemon.settings().audit.sinks = {delivery::audit_sink::api};
  daemon.start();
  daemon.drop("orders.json", simulated_daemon::job("1.0"));
  daemon.run_for(1min);
  EXPECT_FALSE(fs::exists(file()));
  tell_both(daemon.host());
  ASSERT_TRUE(daemon.host().reload());
  daemon.result_of("orders");
  EXPECT_EQ(read(file()).actions.back(), "canary_completed/success");
  EXPECT_EQ(daemon.audits_of("orders").back(), "canary_completed/success");
}

TEST_F(audit_in_a_file, a_file_that_cannot_be_written_delays_its_records_and_nothing_else) {
  daemon.start();
  // As good as a full disk for everybody, root included.
  fs::create_directory(file());
  daemon.drop("orders.json", simulated_daemon::job("1.0"));
  EXPECT_EQ(daemon.result_of("orders").at("status"), "promoted_to_stable");
  const auto told = daemon.audits_of("orders");
  EXPECT_EQ(told.back(), "canary_completed/success");
  EXPECT_EQ(daemon.host().status().queued_records, told.size());
  EXPECT_EQ(daemon.logged("audit records not delivered"), 1U);
  EXPECT_THAT(daemon.log_text(), HasSubstr("destination=audit:file"));
  fs::remove(file());
  daemon.run_for(2min);
  EXPECT_EQ(read(file()).actions, told);
  EXPECT_THAT(read(file()).findings, IsEmpty());
  EXPECT_EQ(daemon.host().status().queued_records, 0U);
}

TEST_F(audit_in_a_file, the_chain_goes_on_over_renamed_files_and_restarts) {
  daemon.start();
  daemon.drop("orders.json", simulated_daemon::job("1.0"));
  daemon.run_for(1min);
  const auto before = support::read_file(file());
  EXPECT_FALSE(before.empty());
  daemon.stop();
  fs::remove(file());
  daemon.start();
  daemon.result_of("orders");
  const auto after = support::read_file(file());
  std::ofstream{file()} << before << after;
  EXPECT_THAT(read(file()).findings, IsEmpty());
  EXPECT_EQ(read(file()).actions, daemon.audits_of("orders"));
}

// A job with several records, which go to both sinks. play() compares the file with the state.
history one_job() {
  history story;
  story.prepare = tell_both;
  story.occurrences = {{1s, [](machine& here) {
                          here.drop("orders.json", boost::json::serialize(simulated_daemon::job(
                                                       "1.0", {{"validation_duration", 60}})));
                        }}};
  return story;
}

TEST(audit_file_crashes, none_of_them_breaks_the_chain_or_loses_a_record) {
  const auto undisturbed = play(one_job());
  ASSERT_THAT(undisturbed.problems, IsEmpty());
  ASSERT_GT(undisturbed.points, 50U);
  // A loss of power differs only in what the state loses, so fewer points show it.
  for (const auto& [how, every] : {std::pair{loss::process, 1U}, std::pair{loss::power, 4U}}) {
    for (std::uint64_t point = 1; point <= undisturbed.points; point += every) {
      auto story = one_job();
      story.crashes = {{point, how}};
      for (const auto& problem : play(story).problems)
        ADD_FAILURE() << "crashed at " << point << ": " << problem;
    }
  }
}

}  // namespace
}  // namespace canaryd::simulation
