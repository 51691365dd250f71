#include "canaryd/judge/reading_json.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include "support/full_canary.hpp"

namespace canaryd::judge {
namespace {

namespace json = boost::json;

TEST(reading_json, a_metric_reads_back_as_it_was_written) {
  for (const auto& metric : support::full_reading().metrics) {
    auto read = metric_from_json(metric_to_json(metric));
    ASSERT_TRUE(read);
    read->name = metric.name;
    EXPECT_EQ(*read, metric);
  }
}

TEST(reading_json, what_is_not_there_is_not_written) {
  EXPECT_EQ(metric_to_json({"satisfaction_score", std::nullopt, 3.5, verdict::no_data}),
            json::parse(R"({"value":null,"limit":3.5,"verdict":"no_data"})"));
}

TEST(reading_json, the_side_that_is_worse_stands_beside_the_limit) {
  EXPECT_EQ(json::serialize(metric_to_json({.name = "turns",
                                            .value = 4,
                                            .limit = 3,
                                            .outcome = verdict::pass,
                                            .worse = job::worse_side::lower})),
            R"({"value":4E0,"limit":3E0,"worse":"lower","verdict":"pass"})");
}

TEST(reading_json, a_metric_of_another_version_may_lack_the_side_or_have_one_that_is_unknown) {
  for (const auto* text : {R"({"value":1,"limit":2,"verdict":"pass"})",
                           R"({"value":1,"limit":2,"worse":"sideways","verdict":"pass"})"}) {
    const auto read = metric_from_json(json::parse(text));
    ASSERT_TRUE(read) << text;
    EXPECT_FALSE(read->worse) << text;
  }
}

TEST(reading_json, what_is_no_metric_is_refused) {
  for (const auto* text :
       {"null", "[]", "{}", R"({"value":1,"limit":2})", R"({"limit":2,"verdict":"pass"})",
        R"({"value":"1","limit":2,"verdict":"pass"})", R"({"value":1,"limit":2,"verdict":"good"})",
        R"({"value":1,"limit":2,"worse":1,"verdict":"pass"})",
        R"({"value":1,"limit":2,"verdict":"pass","stable":"x"})",
        R"({"value":1,"limit":2,"verdict":"pass","dry_run":1})",
        R"({"value":1,"limit":2,"verdict":"pass","optional":1})",
        R"({"value":1,"limit":2,"verdict":"pass","evidence":{}})",
        R"({"value":1,"limit":2,"verdict":"pass","evidence":[]})"})
    EXPECT_FALSE(metric_from_json(json::parse(text))) << text;
}

}  // namespace
}  // namespace canaryd::judge
