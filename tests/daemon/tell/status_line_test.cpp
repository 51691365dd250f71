// What `systemctl status` shows.
#include "canaryd/daemon/tell/status_line.hpp"

#include "canaryd/daemon/tell/api_health.hpp"

#include <gtest/gtest.h>

namespace canaryd::daemon {
namespace {

using std::chrono::seconds;

const wall_time noon = wall_time{seconds{1'772'366'400}};

// In the order queued, deploying, observing, paused, waiting for approval, promoting, rolling back,
// and then those that have ended.
using job_counts = std::array<std::size_t, canary::state_count>;

api_health answered(int status) {
  api_health api;
  api.note(status, noon);
  return api;
}

TEST(status_line, says_what_is_not_usual) {
  EXPECT_EQ(status_line(job_counts{0, 0, 11, 0, 0, 0, 1}, answered(200).text()),
            "12 canaries, 1 rolling back, API ok");
  EXPECT_EQ(status_line(job_counts{3, 1, 0, 0, 0, 0}, answered(200).text()),
            "1 canary, 1 deploying, 3 queued, API ok");
  EXPECT_EQ(status_line(job_counts{0, 0, 1, 1}, answered(200).text()),
            "2 canaries, 1 paused, API ok");
  EXPECT_EQ(status_line(job_counts{0, 0, 1, 0, 2}, answered(200).text()),
            "3 canaries, 2 waiting for approval, API ok");
}

TEST(status_line, of_a_daemon_without_jobs) {
  EXPECT_EQ(status_line({}, api_health{}.text()), "no canaries, API not asked yet");
}

TEST(status_line, says_what_is_wrong_until_it_is_right_again) {
  EXPECT_EQ(status_line({}, answered(200).text(),
                        {.token = "HTTP 401",
                         .state_written = "no space",
                         .configuration = "canaryd.json:1:1: …"}),
            "no canaries, API ok, the state cannot be written, no access token, the configuration "
            "file is refused");
  EXPECT_EQ(status_line({}, answered(200).text(), {.jobs_readable = "a job"}),
            "no canaries, API ok, a canary is unreadable and not watched");
  EXPECT_EQ(status_line({}, answered(200).text(), {.audit_readable = "one"}),
            "no canaries, API ok, an audit record is unreadable");
}

TEST(api_health, a_refusal_of_what_was_asked_is_no_failure_of_the_api) {
  for (const int status : {200, 201, 404, 409, 422})
    EXPECT_EQ(answered(status).text(), "API ok") << status;
}

TEST(api_health, no_answer_no_authority_and_no_capacity_are_failures) {
  for (const int status : {0, 401, 403, 408, 425, 429, 500, 503})
    EXPECT_EQ(answered(status).text(), "API failing since 2026-03-01T12:00:00.000Z") << status;
}

TEST(api_health, a_failure_began_with_its_first_call_and_ends_with_an_answer) {
  auto api = answered(503);
  api.note(0, noon + seconds{60});
  EXPECT_EQ(api.text(), "API failing since 2026-03-01T12:00:00.000Z");
  api.note(200, noon + seconds{90});
  EXPECT_EQ(api.text(), "API ok");
}

}  // namespace
}  // namespace canaryd::daemon
