// Events in the form that the journal takes.
#include "canaryd/daemon/tell/journal.hpp"

#include "canaryd/daemon/tell/event_table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

namespace canaryd::daemon {
namespace {

using testing::Contains;
using testing::Each;
using testing::Not;
using testing::StartsWith;

TEST(journal, an_event_has_its_line_its_kind_and_its_priority) {
  const log_event event{severity::critical, topic::rollback_refused, {}};
  EXPECT_THAT(journal_fields(event, "the rollback was refused job=a"),
              testing::ElementsAre(
                  "MESSAGE=the rollback was refused job=a",
                  "MESSAGE_ID=" + std::string{describe(topic::rollback_refused).message_id},
                  "PRIORITY=2", "SYSLOG_IDENTIFIER=canaryd"));
}

TEST(journal, warning_is_what_an_on_call_person_asks_for) {
  const auto priority = [](severity level) {
    return journal_fields({level, topic::reading, {}}, "").at(2);
  };
  EXPECT_EQ(priority(severity::debug), "PRIORITY=7");
  EXPECT_EQ(priority(severity::info), "PRIORITY=6");
  EXPECT_EQ(priority(severity::warning), "PRIORITY=4");
  EXPECT_EQ(priority(severity::error), "PRIORITY=3");
}

TEST(journal, pairs_become_the_fields_of_the_specification) {
  const std::array pairs{field{"job", "orders"},      field{"bot", "bot_1"},
                         field{"environment", "env"}, field{"version", "2.1"},
                         field{"state", "observing"}, field{"deployment", "dep-1"},
                         field{"verdict", "pass"},    field{"reason", "passed"}};
  const auto fields = journal_fields({severity::info, topic::reading, pairs}, "");
  for (const auto* expected :
       {"CANARY_JOB=orders", "CANARY_BOT=bot_1", "CANARY_ENVIRONMENT=env", "CANARY_VERSION=2.1",
        "CANARY_STATE=observing", "CANARY_DEPLOYMENT=dep-1", "CANARY_VERDICT=pass",
        "CANARY_REASON=passed"})
    EXPECT_THAT(fields, Contains(expected));
}

TEST(journal, what_has_no_value_is_no_field) {
  const std::array pairs{field{"deployment", ""}};
  EXPECT_THAT(journal_fields({severity::info, topic::waiting, pairs}, ""),
              Each(Not(StartsWith("CANARY_"))));
}

TEST(journal, a_fields_name_has_only_what_the_journal_allows) {
  EXPECT_EQ(journal_field_name("error"), "CANARY_ERROR");
  EXPECT_EQ(journal_field_name("avg-latency.ms"), "CANARY_AVG_LATENCY_MS");
  EXPECT_EQ(journal_field_name("status"), "CANARY_STATE");
}

}  // namespace
}  // namespace canaryd::daemon
