#include "canaryd/store/sqlite/schema.hpp"

#include "store/store_fixture.hpp"
#include <array>

namespace canaryd::store {
namespace {

void make_pets(connection& state) {
  state.execute("CREATE TABLE pets (name TEXT); INSERT INTO pets VALUES ('Rex')");
}

void give_pets_an_age(connection& state) {
  state.execute("ALTER TABLE pets ADD COLUMN age INTEGER DEFAULT 7");
}

void fail_half_way(connection& state) {
  state.execute(
      "ALTER TABLE pets ADD COLUMN age INTEGER DEFAULT 7; ALTER TABLE nothing RENAME TO x");
}

constexpr std::array<migration, 1> version_1{make_pets};
constexpr std::array<migration, 2> version_2{make_pets, give_pets_an_age};
constexpr std::array<migration, 2> broken_version_2{make_pets, fail_half_way};

using schema_test = folder_test;

TEST_F(schema_test, an_older_state_becomes_the_present_one_with_its_rows) {
  connection state{file()};
  ASSERT_TRUE(migrate(state, version_1));
  EXPECT_EQ(look_in("PRAGMA user_version"), "1");
  ASSERT_TRUE(migrate(state, version_2));
  EXPECT_EQ(look_in("PRAGMA user_version"), "2");
  EXPECT_EQ(look_in("SELECT name || ' ' || age FROM pets"), "Rex 7");
}

TEST_F(schema_test, an_empty_state_takes_every_step) {
  connection state{file()};
  ASSERT_TRUE(migrate(state, version_2));
  EXPECT_EQ(look_in("SELECT name || ' ' || age FROM pets"), "Rex 7");
}

TEST_F(schema_test, the_present_state_is_left_as_it_is) {
  connection state{file()};
  ASSERT_TRUE(migrate(state, version_2));
  ASSERT_TRUE(migrate(state, version_2));
  EXPECT_EQ(look_in("SELECT count(*) FROM pets"), "1");
}

TEST_F(schema_test, a_step_that_fails_leaves_the_older_state_whole) {
  connection state{file()};
  ASSERT_TRUE(migrate(state, version_1));
  const auto failed = migrate(state, broken_version_2);
  ASSERT_FALSE(failed);
  EXPECT_FALSE(is_newer_schema(failed.error()));
  EXPECT_EQ(look_in("PRAGMA user_version"), "1");
  EXPECT_EQ(look_in("SELECT count(*) FROM pragma_table_info('pets')"), "1");
  EXPECT_TRUE(migrate(state, version_2));
}

TEST_F(schema_test, a_newer_state_is_refused_untouched) {
  connection state{file()};
  ASSERT_TRUE(migrate(state, version_2));
  const auto refused = migrate(state, version_1);
  ASSERT_FALSE(refused);
  EXPECT_TRUE(is_newer_schema(refused.error()));
  EXPECT_EQ(look_in("PRAGMA user_version"), "2");
}

TEST_F(schema_test, the_queries_of_every_reading_and_every_delivery_use_an_index) {
  connection state{file()};
  ASSERT_TRUE(migrate(state));
  for (const char* sql :
       {"EXPLAIN QUERY PLAN SELECT * FROM jobs WHERE ended_at IS NULL ORDER BY arrival",
        "EXPLAIN QUERY PLAN UPDATE jobs SET detail = '' WHERE job_id = 'a'",
        "EXPLAIN QUERY PLAN SELECT * FROM deliveries WHERE destination = 'a' AND "
        "delivered_at IS NULL AND refused_at IS NULL ORDER BY sequence",
        "EXPLAIN QUERY PLAN SELECT 1 FROM deliveries WHERE order_key = 'a' AND "
        "delivered_at IS NULL AND refused_at IS NULL",
        "EXPLAIN QUERY PLAN UPDATE deliveries SET attempts = 1 WHERE sequence = 1",
        "EXPLAIN QUERY PLAN SELECT 1 FROM deployments WHERE deployment_id = 'a'"}) {
    auto plan = state.query(sql);
    ASSERT_TRUE(plan.next());
    EXPECT_THAT(std::string{plan.text(3)}, testing::ContainsRegex("INDEX|PRIMARY KEY")) << sql;
    EXPECT_FALSE(plan.next()) << sql;
  }
}

}  // namespace
}  // namespace canaryd::store
