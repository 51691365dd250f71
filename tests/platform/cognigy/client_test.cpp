// The requests of the client, lists in pages, and what its errors say.

#include "canaryd/platform/cognigy/client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/cognigy/fake_cognigy.hpp"
#include "platform/scripted_transport.hpp"
#include "support/virtual_time.hpp"
#include <chrono>

namespace canaryd::platform::cognigy {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

class calls_of_cognigy : public testing::Test {
 protected:
  const net::request& sent(std::size_t i) const { return transport.requests.at(i).message; }
  result<std::optional<listed_item>> find(const std::string& version) {
    return time.await(api.find_snapshot(why, project_id, version));
  }

  support::virtual_time time;
  scripted_transport transport;
  rate_budget budget{time.executor(),
                     {.requests = 60'000, .per = std::chrono::seconds{60}, .max_connections = 32}};
  client api{{.base_url = "https://api-eu.cognigy.ai/new/v2.0",
              .api_key = text::secret{std::string_view{"hush"}}},
             transport,
             budget};
  errand why{.which = call::versions, .rank = priority::deploy};
};

std::string item(std::string_view id, std::string_view name) {
  return fmt::format(R"({{"_id":"{}","name":"{}"}})", id, name);
}

TEST_F(calls_of_cognigy, carry_the_key_and_no_body) {
  transport.answers = {answer(200)};
  EXPECT_TRUE(time.await(api.read_project(why, project_id)));
  EXPECT_EQ(sent(0).method, "GET");
  EXPECT_EQ(net::loggable(sent(0).target),
            "https://api-eu.cognigy.ai/new/v2.0/projects/" + project_id);
  EXPECT_EQ(header_of(sent(0), "X-API-Key"), "hush");
  EXPECT_EQ(header_of(sent(0), "Accept"), "application/json");
  EXPECT_EQ(header_of(sent(0), "Authorization"), "");
  EXPECT_EQ(header_of(sent(0), "Content-Type"), "");
  EXPECT_EQ(sent(0).body, "");
}

TEST_F(calls_of_cognigy, are_not_made_where_an_id_is_none) {
  for (const auto* id : {"", "..", "x", "0123456789abcdef0123456/", "0123456789abcdef012345678"}) {
    EXPECT_EQ(time.await(api.read_project(why, id)).error().kind, fault::refused);
    EXPECT_EQ(time.await(api.find_snapshot(why, id, "2.0")).error().kind, fault::refused);
    EXPECT_EQ(time.await(api.read_snapshot(why, id)).error().kind, fault::refused);
    EXPECT_EQ(time.await(api.read_resources(why, id, "flow")).error().kind, fault::refused);
    EXPECT_EQ(time.await(api.read_endpoint(why, id)).error().kind, fault::refused);
    EXPECT_EQ(time.await(api.point_endpoint(why, id, {})).error().kind, fault::refused);
  }
  EXPECT_TRUE(transport.requests.empty());
}

TEST_F(calls_of_cognigy, find_a_snapshot_by_name_or_id) {
  transport.answers = {answer(
      200, "{\"items\":[" + item(old_snapshot, "1.0") + "," + item(new_snapshot, "2.0") + "]}")};
  EXPECT_EQ(find("2.0")->value().id, new_snapshot);
  EXPECT_EQ(find(old_snapshot)->value().name, "1.0");
  EXPECT_EQ(find("3.0").value(), std::nullopt);
  EXPECT_EQ(find("").value(), std::nullopt);
  EXPECT_EQ(sent(0).target.target,
            "/new/v2.0/snapshots?projectId=" + project_id + "&limit=100&skip=0");
}

TEST_F(calls_of_cognigy, refuse_a_name_that_is_there_twice) {
  transport.answers = {
      answer(200, "[" + item(old_snapshot, "2.0") + "," + item(new_snapshot, "2.0") + "]")};
  const auto refused = find("2.0");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, fault::refused);
  EXPECT_THAT(refused.error().text, HasSubstr("2 snapshots of the project are called 2.0"));
  EXPECT_EQ(find(new_snapshot)->value().id, new_snapshot);
}

TEST_F(calls_of_cognigy, refuse_a_name_that_is_another_ones_id) {
  transport.answers = {
      answer(200, "[" + item(old_snapshot, "1.0") + "," + item(new_snapshot, old_snapshot) + "]")};
  EXPECT_EQ(find(old_snapshot).error().kind, fault::refused);
}

TEST_F(calls_of_cognigy, take_no_snapshot_without_an_id_or_of_another_project) {
  transport.answers = {answer(200, R"([{"name":"2.0"}])")};
  EXPECT_EQ(find("2.0").error().kind, fault::malformed);
  transport.answers = {answer(200, fmt::format(R"([{{"_id":"{}","name":"2.0","projectId":"{}"}}])",
                                               new_snapshot, stable_id))};
  EXPECT_EQ(find("2.0").value(), std::nullopt);
}

TEST_F(calls_of_cognigy, follow_pages_by_skip) {
  transport.answers = {
      answer(200, R"({"items":[)" + item(old_snapshot, "1.0") + R"(],"total":2})"),
      answer(200, R"({"items":[)" + item(new_snapshot, "2.0") + R"(],"total":2})")};
  EXPECT_EQ(find("2.0")->value().id, new_snapshot);
  EXPECT_EQ(sent(1).target.target,
            "/new/v2.0/snapshots?projectId=" + project_id + "&limit=100&skip=1");
}

TEST_F(calls_of_cognigy, follow_pages_by_cursor) {
  transport.answers = {
      answer(200, R"({"items":[)" + item(old_snapshot, "1.0") + R"(],"nextCursor":"a/b"})"),
      answer(200, R"({"items":[)" + item(new_snapshot, "2.0") + R"(],"nextCursor":null})")};
  EXPECT_EQ(find("2.0")->value().id, new_snapshot);
  EXPECT_EQ(sent(1).target.target,
            "/new/v2.0/snapshots?projectId=" + project_id + "&limit=100&next=a%2Fb");
}

TEST_F(calls_of_cognigy, follow_pages_in_hal_form) {
  const auto page = [](const std::string& items, std::string_view links) {
    return answer(200, R"({"_embedded":{"snapshots":[)" + items + R"(]},"_links":{)" +
                           std::string{links} + "}}");
  };
  transport.answers = {page(item(old_snapshot, "1.0"), R"("next":{"href":"https://evil.example"})"),
                       page(item(new_snapshot, "2.0"), "")};
  EXPECT_EQ(find("2.0")->value().id, new_snapshot);
  EXPECT_EQ(sent(1).target.host, "api-eu.cognigy.ai");
}

TEST_F(calls_of_cognigy, fail_where_pages_come_again_or_are_missing) {
  const auto first = R"({"items":[)" + item(old_snapshot, "1.0") + R"(],"total":3})";
  // The same for ever; then nothing more; then a cursor that leads in a circle.
  transport.answers = {answer(200, first)};
  EXPECT_THAT(find("2.0").error().text, HasSubstr("page 2 comes again"));
  EXPECT_EQ(transport.requests.size(), 2U);
  transport.answers = {answer(200, first), answer(200, R"({"items":[],"total":3})")};
  EXPECT_THAT(find("2.0").error().text, HasSubstr("page 2 is empty"));
  transport.answers = {
      answer(200, R"({"items":[)" + item(old_snapshot, "1.0") + R"(],"nextCursor":"a"})"),
      answer(200, R"({"items":[)" + item(new_snapshot, "2.0") + R"(],"nextCursor":"a"})")};
  EXPECT_THAT(find("2.0").error().text, HasSubstr("circle"));
}

TEST_F(calls_of_cognigy, fail_where_pages_never_end) {
  int number = 0;
  transport.reply_to = [&number](const net::request&) {
    const auto id = fmt::format("{:024x}", ++number);
    return answer(200, fmt::format(R"({{"items":[{}],"nextCursor":"{}"}})", item(id, "x"), id));
  };
  const auto failed = find("2.0");
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, fault::malformed);
  EXPECT_THAT(failed.error().text, HasSubstr("more than 100 pages"));
  EXPECT_EQ(number, 100);
}

TEST_F(calls_of_cognigy, take_a_refused_later_page_for_a_failed_list) {
  transport.answers = {answer(200, R"({"items":[)" + item(old_snapshot, "1.0") + R"(],"total":2})"),
                       answer(410)};
  const auto failed = find("2.0");
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, fault::malformed);
  EXPECT_THAT(failed.error().text, HasSubstr("page 2 of the list"));
}

TEST_F(calls_of_cognigy, read_what_a_snapshot_contains) {
  transport.answers = {answer(200, R"({"items":[{"referenceId":"f-1","name":"Main"}]})")};
  const auto flows = time.await(api.read_resources(why, new_snapshot, "flow"));
  ASSERT_TRUE(flows);
  EXPECT_EQ(flows->at(0).reference_id, "f-1");
  EXPECT_EQ(sent(0).target.target,
            "/new/v2.0/snapshots/" + new_snapshot + "/resources?resourceType=flow");
}

TEST_F(calls_of_cognigy, name_status_code_and_trace_of_an_error_and_never_the_key) {
  transport.answers = {answer(404, R"({"code":1004,"traceId":"api-hush-1","detail":"no hush"})")};
  const auto failed = time.await(api.read_endpoint(why, stable_id));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().status, 404);
  EXPECT_THAT(failed.error().text, HasSubstr("versions: 404 refused"));
  EXPECT_THAT(failed.error().text, HasSubstr("GET /endpoints/" + stable_id));
  EXPECT_THAT(failed.error().text, HasSubstr("code 1004"));
  EXPECT_THAT(failed.error().text, HasSubstr("traceId api-[redacted]-1"));
  EXPECT_THAT(failed.error().text, Not(HasSubstr("hush")));
}

TEST_F(calls_of_cognigy, name_the_code_of_a_long_error_too) {
  transport.answers = {
      answer(503, R"({"detail":")" + std::string(2000, 'x') + R"(","code":7,"traceId":"api-1"})")};
  const auto failed = time.await(api.read_endpoint(why, stable_id));
  EXPECT_EQ(failed.error().kind, fault::try_again);
  EXPECT_THAT(failed.error().text, HasSubstr("code 7, traceId api-1"));
}

TEST_F(calls_of_cognigy, say_what_to_check_where_the_project_cannot_be_read) {
  const std::pair<int, std::string> cases[] = {{500, "check the key or the URL"},
                                               {400, "check the project_id"},
                                               {404, "check the project_id"},
                                               {401, "check the key and its rights"},
                                               {403, "check the key and its rights"}};
  for (const auto& [status, hint] : cases) {
    transport.answers = {answer(status)};
    const auto failed = time.await(api.read_project(why, project_id));
    ASSERT_FALSE(failed) << status;
    EXPECT_THAT(failed.error().text, HasSubstr(hint)) << status;
    EXPECT_THAT(failed.error().text, Not(HasSubstr("scopes"))) << status;
  }
}

TEST_F(calls_of_cognigy, point_an_endpoint_and_read_it_back) {
  fake_cognigy project;
  transport.reply_to = [&](const net::request& message) { return project.reply(message); };
  const endpoint_aim aim{.entrypoint = new_snapshot, .flow_id = "f1", .locale_id = "l1"};
  EXPECT_EQ(time.await(api.point_endpoint(why, canary_id, aim))->entrypoint, new_snapshot);
  ASSERT_EQ(transport.requests.size(), 2U);
  EXPECT_EQ(sent(0).method, "PATCH");
  EXPECT_EQ(header_of(sent(0), "Content-Type"), "application/json");
  EXPECT_EQ(sent(0).body,
            R"({"entrypoint":")" + new_snapshot + R"(","flowId":"f1","localeId":"l1"})");
  EXPECT_EQ(sent(1).method, "GET");
}

TEST_F(calls_of_cognigy, take_a_yes_that_changed_nothing_for_an_error) {
  fake_cognigy project;
  project.ignores_patches = true;
  transport.reply_to = [&](const net::request& message) { return project.reply(message); };
  const auto failed = time.await(api.point_endpoint(
      why, canary_id, {.entrypoint = new_snapshot, .flow_id = "f1", .locale_id = "l1"}));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, fault::malformed);
  EXPECT_THAT(failed.error().text, HasSubstr("the API said yes"));
}

TEST_F(calls_of_cognigy, repeat_a_write_over_a_fresh_connection) {
  transport.answers = {failure(fault::lost), answer(204, ""), answer(404), answer(204, "")};
  for (int i = 0; i < 3; ++i)
    EXPECT_FALSE(time.await(api.point_endpoint(why, canary_id, {})));
  EXPECT_FALSE(sent(0).fresh_connection);
  EXPECT_TRUE(sent(1).fresh_connection);
  EXPECT_FALSE(sent(3).fresh_connection);
}

TEST_F(calls_of_cognigy, end_at_their_deadline) {
  transport.answers = {silence()};
  const auto begun = async::clock::now();
  why.deadline = begun + 3s;
  EXPECT_EQ(time.await(api.read_endpoint(why, stable_id)).error().kind, fault::lost);
  EXPECT_EQ(async::clock::now(), begun + 3s);
  EXPECT_EQ(time.await(api.read_endpoint(why, stable_id)).error().kind, fault::try_again);
  EXPECT_EQ(transport.requests.size(), 1U);
}

TEST_F(calls_of_cognigy, slow_down_after_a_429) {
  const auto rate = budget.polls_per_second();
  transport.answers = {answer(429, "", {}, {{"Retry-After", "20"}})};
  EXPECT_EQ(time.await(api.read_endpoint(why, stable_id)).error().retry_after, 20s);
  EXPECT_LT(budget.polls_per_second(), rate);
}

}  // namespace
}  // namespace canaryd::platform::cognigy
