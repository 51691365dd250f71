#include "canaryd/platform/haproxy/haproxy_splitter.hpp"

#include <gmock/gmock.h>

#include "scripted_haproxy.hpp"
#include <array>
#include <limits>

namespace canaryd::platform {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr auto get_line = "get map /etc/canaryd.map orders";
constexpr auto set_line = "set map /etc/canaryd.map orders 500";
constexpr auto count_line = "show info; show stat -1 2 -1";
constexpr auto not_found = "type=str, case=sensitive, found=no\n\n";

std::string value_answer(int share) {
  return "type=str, case=sensitive, found=yes, idx=tree, key=\"orders\", value=\"" +
         std::to_string(share) + "\", type=\"sint\"\n\n";
}

class haproxy_splitter_test : public haproxy_fixture {
 protected:
  haproxy_settings settings() const {
    return {.socket = socket_path(), .map = "/etc/canaryd.map", .timeout = 100ms};
  }

  haproxy_splitter asked{settings()};
};

TEST_F(haproxy_splitter_test, reads_the_share_of_a_key) {
  answers[get_line] = {value_answer(500)};
  serve(answer_and_close);
  EXPECT_EQ(finish(asked.read_share("orders")).value_or(-1), 500);
}

TEST_F(haproxy_splitter_test, sets_a_share_and_reads_it_back) {
  answers[set_line] = {"\n"};
  answers[get_line] = {value_answer(500)};
  serve(answer_and_close);
  const auto done = finish(asked.set_share("orders", 500));
  EXPECT_TRUE(done) << done.error().text;
  EXPECT_THAT(lines, ElementsAre(set_line, get_line));
}

TEST_F(haproxy_splitter_test, a_yes_that_changed_nothing_is_malformed) {
  answers[set_line] = {"\n"};
  answers[get_line] = {value_answer(0)};
  serve(answer_and_close);
  const auto done = finish(asked.set_share("orders", 500));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, fault::malformed);
  EXPECT_THAT(done.error().text, HasSubstr("orders was set to 500 and is 0"));
}

TEST_F(haproxy_splitter_test, a_key_that_does_not_exist_is_refused) {
  answers[set_line] = {"entry not found.\n\n"};
  answers[get_line] = {not_found};
  serve(answer_and_close);
  EXPECT_EQ(finish(asked.read_share("orders")).error().kind, fault::refused);
  EXPECT_EQ(finish(asked.set_share("orders", 500)).error().kind, fault::refused);
  EXPECT_THAT(lines, ElementsAre(get_line, set_line));
}

TEST_F(haproxy_splitter_test, an_error_names_the_socket_the_command_and_the_answer) {
  answers[get_line] = {"Unknown map identifier. Please use #<id> or <file>.\n\n"};
  serve(answer_and_close);
  const auto text = finish(asked.read_share("orders")).error().text;
  EXPECT_THAT(text, HasSubstr(socket_path()));
  EXPECT_THAT(text, HasSubstr(get_line));
  EXPECT_THAT(text, HasSubstr("Unknown map identifier"));
}

TEST_F(haproxy_splitter_test, a_share_that_is_out_of_bounds_is_not_sent) {
  serve(answer_and_close);
  for (const auto share : {-1, 10'001, std::numeric_limits<basis_points>::min()})
    EXPECT_EQ(finish(asked.set_share("orders", share)).error().kind, fault::refused);
  EXPECT_THAT(lines, IsEmpty());
}

TEST_F(haproxy_splitter_test, a_name_that_could_end_the_command_is_not_sent) {
  serve(answer_and_close);
  for (const auto* key : {"a;b", "a b", "a\nb", "a\\b", "", "#1"}) {
    EXPECT_EQ(finish(asked.read_share(key)).error().kind, fault::refused) << key;
    EXPECT_EQ(finish(asked.set_share(key, 0)).error().kind, fault::refused) << key;
    EXPECT_EQ(finish(asked.read_counters(key)).error().kind, fault::refused) << key;
  }
  auto with_map = settings();
  with_map.map = "/etc/a.map;disable server a/b";
  haproxy_splitter other{with_map};
  EXPECT_EQ(finish(other.read_share("orders")).error().kind, fault::refused);
  EXPECT_THAT(lines, IsEmpty());
}

TEST_F(haproxy_splitter_test, reads_counters_with_the_start_that_they_count_from) {
  answers[count_line] = {
      "Name: HAProxy\nPid: 7\nStart_time_sec: 9\n\n"
      "# pxname,svname,stot,hrsp_5xx,req_tot,rtime,ttime,\norders_canary,BACKEND,1,2,3,4,5,\n\n"};
  serve(answer_and_close);
  const auto counted = finish(asked.read_counters("orders_canary"));
  ASSERT_TRUE(counted) << counted.error().text;
  EXPECT_EQ(counted->start, "7@9");
  EXPECT_EQ(counted->sessions, 1U);
  EXPECT_EQ(counted->answers_5xx, 2U);
  EXPECT_EQ(counted->requests, 3U);
  EXPECT_EQ(finish(asked.read_counters("orders")).error().kind, fault::refused);
}

TEST_F(haproxy_splitter_test, half_of_the_counters_is_an_error) {
  answers[count_line] = {"Name: HAProxy\nPid: 7\nStart_time_sec: 9\n\n"};
  serve(answer_and_close);
  EXPECT_EQ(finish(asked.read_counters("orders_canary")).error().kind, fault::lost);
}

TEST_F(haproxy_splitter_test, a_dead_HAProxy_is_unreachable_and_a_hanging_one_lost) {
  EXPECT_EQ(finish(asked.read_share("orders")).error().kind, fault::unreachable);
  EXPECT_EQ(finish(asked.set_share("orders", 1)).error().kind, fault::unreachable);
  serve(say_nothing);
  EXPECT_EQ(finish(asked.read_share("orders")).error().kind, fault::lost);
  EXPECT_EQ(finish(asked.set_share("orders", 1)).error().kind, fault::lost);
  EXPECT_EQ(finish(asked.read_counters("orders")).error().kind, fault::lost);
}

TEST_F(haproxy_splitter_test, a_share_that_was_sent_and_cannot_be_read_back_is_lost) {
  answers[set_line] = {"\n"};
  serve(answer_and_close);
  EXPECT_EQ(finish(asked.set_share("orders", 500)).error().kind, fault::lost);
}

TEST_F(haproxy_splitter_test, many_calls_run_at_the_same_time) {
  answers[get_line] = {value_answer(500)};
  serve(answer_slowly);
  std::array<std::optional<result<basis_points>>, 50> outcomes;
  async::task_group asking{context.get_executor()};
  auto patient = settings();
  patient.timeout = 10s;
  {
    haproxy_splitter short_lived{patient};
    for (auto& outcome : outcomes)
      asking.spawn(async::keep_result(short_lived.read_share("orders"), outcome));
  }
  while (asking.size() > 0)
    context.run_one();
  for (const auto& outcome : outcomes)
    EXPECT_EQ(outcome.value().value_or(-1), 500);
}

}  // namespace
}  // namespace canaryd::platform
