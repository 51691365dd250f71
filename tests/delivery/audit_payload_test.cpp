#include "canaryd/delivery/audit_payload.hpp"

#include "store/store_fixture.hpp"
#include "support/old_state_sql.hpp"

namespace canaryd::delivery {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

canary::audit_record full_record() {
  return {.record_id = "uid-1",
          .timestamp = wall_time{1'700'000'000'250ms},
          .job_id = "orders",
          .bot_id = "bot_a",
          .deployment_id = "dep-1",
          .action = canary::audit_action::canary_rollback,
          .status = canary::audit_status::triggered,
          .metrics = {0.25, 4.5, std::nullopt, 77, std::nullopt, {{"handover_rate", 0.125}}},
          .actor = "user(1000)",
          .reason = "too \"slow\"\n"};
}

TEST(audit_payload, is_for_people_too) {
  const auto made = make_audit_delivery("audit:api", {full_record(), "https://api.test/v1"});
  EXPECT_EQ(made.id, "uid-1");
  EXPECT_EQ(made.destination, "audit:api");
  EXPECT_EQ(made.kind, "audit_record");
  EXPECT_EQ(made.order_key, "orders");
  EXPECT_EQ(made.created_at, full_record().timestamp);
  constexpr const char* payload =
      R"({"record_id":"uid-1","timestamp":"2023-11-14T22:13:20.250Z","job_id":"orders",)"
      R"("bot_id":"bot_a","deployment_id":"dep-1","action":"canary_rollback",)"
      R"-("status":"triggered","actor":"user(1000)","reason":"too \"slow\"\n",)-"
      R"("base_url":"https://api.test/v1","metrics":{"error_rate":0.25,)"
      R"("satisfaction_score":4.5,"conversation_count":77,"handover_rate":0.125}})";
  EXPECT_EQ(made.payload, payload);
}

TEST(audit_payload, is_read_as_it_was) {
  const auto wanted = full_record();
  const auto read =
      read_audit_delivery(make_audit_delivery("audit:api", {wanted, "https://a.test"}));
  ASSERT_TRUE(read) << read.error().text;
  EXPECT_EQ(read->base_url, "https://a.test");
  const auto& found = read->record;
  EXPECT_EQ(found.record_id, wanted.record_id);
  EXPECT_EQ(found.timestamp, wanted.timestamp);
  EXPECT_EQ(found.job_id, wanted.job_id);
  EXPECT_EQ(found.bot_id, wanted.bot_id);
  EXPECT_EQ(found.deployment_id, wanted.deployment_id);
  EXPECT_EQ(found.action, wanted.action);
  EXPECT_EQ(found.status, wanted.status);
  EXPECT_EQ(found.metrics, wanted.metrics);
  EXPECT_EQ(found.actor, wanted.actor);
  EXPECT_EQ(found.reason, wanted.reason);
}

TEST(audit_payload, that_means_nothing_here_is_not_read) {
  const auto sound = make_audit_delivery("audit:api", {full_record(), ""});
  for (const auto& [part, instead, why] : std::initializer_list<std::array<const char*, 3>>{
           {"canary_rollback", "canary_teleported", "its action is not known"},
           {"triggered", "shrugged", "its status is not known"},
           {"2023-", "soon", "its time is not a valid time"},
           {"uid-1", "", "it has no id"},
           {":0.25", ":1e999", "a stored metric is out of range"},
           {":0.25", ":\"high\"", "a stored metric is not a number"},
           {R"("metrics":{)", R"("other":{)", "its metrics are not a JSON object"},
           {"}}", "}", "its payload is not a JSON object"}}) {
    auto damaged = sound;
    damaged.payload.replace(damaged.payload.find(part), std::string_view{part}.size(), instead);
    const auto read = read_audit_delivery(damaged);
    ASSERT_FALSE(read) << instead;
    EXPECT_EQ(read.error().kind, fault::malformed);
    EXPECT_EQ(read.error().text, why);
  }
  auto of_another_kind = sound;
  of_another_kind.kind = "postcard";
  EXPECT_EQ(read_audit_delivery(of_another_kind).error().text, "its kind is not known");
}

// What a former program has left (schema version 1).
class old_records : public store::sqlite_store_test {
 protected:
  void open_with(const std::string& change) {
    {
      store::connection state{file()};
      state.execute(support::old_state_sql().c_str());
      state.execute(change.c_str());
      EXPECT_TRUE(state.outcome()) << state.outcome().error().text;
    }
    open();
  }

  // What becomes of all that waits: an id, or why it cannot be read.
  std::vector<std::string> all_waiting() {
    std::vector<std::string> all;
    store::due_question asked{
        .destination = "audit:api", .limit = 1000, .busy = {}, .passed_over = {}};
    for (auto due = get(store->due_deliveries(asked)); !due.empty();
         due = get(store->due_deliveries(asked))) {
      for (const auto& each : due) {
        const auto read = read_audit_delivery(each);
        all.push_back(read ? read->record.record_id : read.error().text);
        bases.push_back(read ? read->base_url : "");
        asked.passed_over.insert(each.sequence);
      }
    }
    return all;
  }

  std::vector<std::string> bases;
};

TEST_F(old_records, can_be_read_and_have_the_api_of_their_job) {
  open_with("UPDATE audit_outbox SET delivered_at = NULL");
  const auto all = all_waiting();
  EXPECT_EQ(all.size(), store->undelivered());
  EXPECT_GT(all.size(), 100U);
  for (const auto& each : all)
    EXPECT_THAT(each, testing::MatchesRegex("[0-9a-f]+-[0-9]+"));
  EXPECT_THAT(bases, testing::Each("https://api.test/api/v1"));
}

TEST_F(old_records, of_which_some_cannot_be_read_concern_nothing_but_themselves) {
  open_with(
      "DELETE FROM audit_outbox WHERE sequence > 6;"
      "UPDATE audit_outbox SET delivered_at = NULL, job_id = 'one';"
      "UPDATE audit_outbox SET metrics = 'not JSON' WHERE sequence = 1;"
      "UPDATE audit_outbox SET metrics = x'00ff' WHERE sequence = 2;"
      "UPDATE audit_outbox SET action = x'ff' WHERE sequence = 3;"
      "UPDATE audit_outbox SET bot_id = x'ffc0' WHERE sequence = 4;"
      "UPDATE audit_outbox SET metrics = '{\"error_rate\":1e999}' WHERE sequence = 5");
  const auto sound = look_in("SELECT id FROM deliveries WHERE sequence = 6");
  // Bytes that are not UTF-8 are in no JSON.
  constexpr const char* no_json = "its payload is not a JSON object";
  EXPECT_THAT(all_waiting(), ElementsAre("its metrics are not a JSON object", no_json, no_json,
                                         no_json, "a stored metric is out of range", sound));
  EXPECT_EQ(look_in("SELECT count(*) FROM audit_outbox"), "6");
}

}  // namespace
}  // namespace canaryd::delivery
