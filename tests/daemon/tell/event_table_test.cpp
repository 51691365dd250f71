// The table of events, and the texts that are made from it.
#include "canaryd/daemon/tell/event_table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

namespace canaryd::daemon {
namespace {

using testing::HasSubstr;

TEST(event_table, each_kind_has_an_id_of_its_own) {
  std::set<std::string_view> ids;
  for (const auto& kind : event_table()) {
    EXPECT_EQ(kind.message_id.size(), 32) << kind.subject;
    EXPECT_EQ(kind.message_id.find_first_not_of("0123456789abcdef"), std::string_view::npos);
    EXPECT_TRUE(ids.insert(kind.message_id).second) << kind.message_id << " is used twice";
  }
  EXPECT_EQ(ids.size(), topic_count);
}

// People and programs filter by these ids.
TEST(event_table, ids_never_change) {
  EXPECT_EQ(describe(topic::rolled_back).message_id, "c6268dafd4914b128f3b6693c4d6bbcf");
  EXPECT_EQ(describe(topic::promoted).message_id, "fdd1da1d6f1b46cbbc08c24f97c87b53");
  EXPECT_EQ(describe(topic::ready).message_id, "541ff2c80c6c45b4802a9ea5094ef7d6");
}

TEST(event_table, every_text_is_whole_sentences) {
  for (const auto& kind : event_table()) {
    EXPECT_FALSE(kind.subject.empty());
    EXPECT_FALSE(kind.subject.ends_with('.')) << kind.subject;
    EXPECT_TRUE(kind.meaning.ends_with('.')) << kind.meaning;
    EXPECT_TRUE(kind.advice.empty() || kind.advice.ends_with('.')) << kind.advice;
  }
}

// A canary at a gate waits for a person, who may know no more than this text.
TEST(event_table, a_gate_says_what_to_do) {
  EXPECT_THAT(describe(topic::gate).advice, HasSubstr("canaryctl approve"));
  EXPECT_THAT(describe(topic::gate).meaning, HasSubstr("gate_timeout"));
}

TEST(event_catalog, explains_each_event_and_says_what_to_do) {
  const auto catalog = write_catalog();
  for (const auto& kind : event_table()) {
    EXPECT_THAT(catalog, HasSubstr("-- " + std::string{kind.message_id} +
                                   "\nSubject: " + std::string{kind.subject} + "\n"));
    EXPECT_THAT(catalog, HasSubstr("\n\n" + std::string{kind.meaning} + "\n"));
    EXPECT_THAT(catalog, HasSubstr(std::string{kind.advice}));
  }
}

TEST(event_manual, lists_each_event_without_the_catalogs_placeholders) {
  const auto section = write_manual_section();
  EXPECT_THAT(section, testing::Not(HasSubstr("@")));
  for (const auto& kind : event_table())
    EXPECT_THAT(section, HasSubstr("MESSAGE_ID=" + std::string{kind.message_id}));
  EXPECT_THAT(section, HasSubstr("\n.B A job ended rolled back\n"));
}

}  // namespace
}  // namespace canaryd::daemon
