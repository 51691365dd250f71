#include "canaryd/core/job_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "job_file_samples.hpp"
#include <string>
#include <utility>

namespace canaryd::core {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::SizeIs;

TEST(job_file, what_this_version_does_not_support_is_refused) {
  constexpr auto unsupported = "not supported by this version";
  EXPECT_THAT(problems_of(with("/steps", R"([{"canary": 5}])")),
              ElementsAre(problem_at("/steps", unsupported)));
  EXPECT_THAT(problems_of(R"({"bot_id": "b", "environment_id": "e", "version": "1",
                              "max_traffic_percentage": 10, "steps": [{"canary": 5}]})"),
              ElementsAre(problem_at("/steps", unsupported)));
  EXPECT_THAT(problems_of(with("/approve_promotion", "true")),
              ElementsAre(problem_at("/approve_promotion", unsupported)));
  for (const auto& [key, value] : std::initializer_list<std::pair<std::string, std::string>>{
           {"method", R"("sequential")"},
           {"compare_to", R"("stable")"},
           {"promote_when", R"("proven")"},
           {"promote_early", "true"},
           {"hard_limits", R"({"error_rate": 0.5})"},
           {"failure_limits", R"({"error_rate": 3})"},
           {"dry_run", R"(["error_rate"])"},
           {"checks", R"([{"metric": "handovers", "max": 3}])"}})
    EXPECT_THAT(problems_of(with("/analysis/" + key, value)),
                ElementsAre(problem_at("/analysis/" + key, unsupported)));
}

TEST(job_file, what_would_have_no_effect_is_accepted) {
  for (const auto* analysis :
       {"{}", R"({"method": "threshold"})", R"({"compare_to": "limit", "alpha": 0.01})",
        R"({"tolerated_ratio": 2, "promote_when": "not_worse", "promote_early": false})",
        R"({"hard_limits": {}, "failure_limits": {}, "dry_run": [], "checks": []})"})
    EXPECT_THAT(problems_of(with("/analysis", analysis)), SizeIs(0)) << analysis;
  EXPECT_THAT(problems_of(with("/approve_promotion", "false")), SizeIs(0));
}

TEST(job_file, the_syntax_of_unsupported_keys_is_checked_too) {
  EXPECT_THAT(problems_of(with("/steps", R"([{"canary": 0, "holds": 1}])")),
              AllOf(Contains(problem_at("/steps/0/canary", "allowed is")),
                    Contains(problem_at("/steps/0/holds", R"("hold")"))));
  EXPECT_THAT(problems_of(with("/analysis/methods", "1")),
              ElementsAre(problem_at("/analysis/methods", R"("method")")));
  EXPECT_THAT(problems_of(with("/analysis/checks", R"([{"metric": "a"}])")),
              Contains(problem_at("/analysis/checks/0", "one of max and min")));
}

}  // namespace
}  // namespace canaryd::core
