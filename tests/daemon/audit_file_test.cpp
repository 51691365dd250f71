// The audit file as a destination, with its thread.
#include "canaryd/daemon/audit_file.hpp"

#include "canaryd/canary/audit_check.hpp"
#include "canaryd/delivery/audit_payload.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/read_file.hpp"
#include <filesystem>
#include <sstream>
#include <unistd.h>

namespace canaryd::daemon {
namespace {

namespace fs = std::filesystem;
using testing::SizeIs;

class audit_file_test : public testing::Test {
 protected:
  audit_file_test() {
    auto pattern = (fs::temp_directory_path() / "canaryd-audit-XXXXXX").string();
    folder = ::mkdtemp(pattern.data());
  }
  ~audit_file_test() override { fs::remove_all(folder); }

  static store::delivery delivery_of(const std::string& id) {
    canary::audit_record record;
    record.record_id = id;
    record.job_id = "orders";
    return delivery::make_audit_delivery("audit:file", {record, "https://api.test/v1"});
  }

  // Delivers all of them at the same time; returns the number that arrived.
  int deliver(audit_file& to, int count) {
    int arrived = 0;
    for (int i = 1; i <= count; ++i)
      boost::asio::co_spawn(context, to.deliver(delivery_of("uid-" + std::to_string(i))),
                            [&](const std::exception_ptr& problem, const result<void>& done) {
                              arrived += !problem && done ? 1 : 0;
                            });
    context.restart();
    context.run();
    return arrived;
  }

  std::vector<std::string> lines() const {
    std::vector<std::string> all;
    std::istringstream in{support::read_file(folder / "audit.jsonl")};
    for (std::string line; std::getline(in, line);)
      all.push_back(line);
    return all;
  }

  fs::path folder;
  boost::asio::io_context context{1};
};

TEST_F(audit_file_test, has_each_record_once_it_is_delivered) {
  audit_file file{context.get_executor(), folder / "audit.jsonl", folder / "last",
                  file_work::on_thread};
  EXPECT_EQ(deliver(file, 50), 50);
  EXPECT_THAT(lines(), SizeIs(50));
  canary::chain_check check;
  check.begin_file("audit.jsonl");
  for (const auto& line : lines())
    check.add(line, true);
  EXPECT_TRUE(check.finish().findings.empty());
}

TEST_F(audit_file_test, a_line_has_what_was_committed_and_who_says_so) {
  audit_file file{context.get_executor(), folder / "audit.jsonl", folder / "last",
                  file_work::on_loop};
  EXPECT_EQ(deliver(file, 1), 1);
  const auto line = boost::json::parse(lines().front());
  EXPECT_EQ(line.at("record_id"), "uid-1");
  EXPECT_EQ(line.at("job_id"), "orders");
  EXPECT_EQ(line.at("base_url"), "https://api.test/v1");
  EXPECT_EQ(line.at("source"), "canaryd/" CANARYD_VERSION);
  EXPECT_EQ(line.at("sequence"), 1);
  EXPECT_TRUE(line.at("prev_sha256").is_null());
}

TEST_F(audit_file_test, what_cannot_be_written_can_be_given_again) {
  audit_file file{context.get_executor(), folder / "later" / "audit.jsonl", folder / "last",
                  file_work::on_thread};
  EXPECT_EQ(deliver(file, 3), 0);
  file.move_to(folder / "audit.jsonl");
  EXPECT_EQ(deliver(file, 3), 3);
  EXPECT_THAT(lines(), SizeIs(3));
}

TEST_F(audit_file_test, only_audit_records_are_for_it) {
  const audit_file file{context.get_executor(), folder / "audit.jsonl", folder / "last",
                        file_work::on_loop};
  auto other = delivery_of("uid-1");
  EXPECT_TRUE(file.check(other));
  other.payload = "[]";
  EXPECT_FALSE(file.check(other));
  EXPECT_FALSE(fs::exists(folder / "audit.jsonl"));
}

}  // namespace
}  // namespace canaryd::daemon
