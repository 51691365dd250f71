#include "canaryd/platform/haproxy/stat_answer.hpp"

#include <gtest/gtest.h>

#include <string>

namespace canaryd::platform {
namespace {

using namespace std::chrono_literals;
using namespace std::string_view_literals;

constexpr std::string_view names =
    "# pxname,svname,scur,stot,status,hrsp_5xx,req_tot,rtime,ttime,\n";

std::string table(std::string_view rows, std::string_view columns = names) {
  return std::string{columns} + std::string{rows} + "\n";
}

fault stat_fault_of(const std::string& answer) {
  const auto read = read_backend_row(answer, "orders_canary");
  EXPECT_FALSE(read) << answer.substr(0, 200);
  return read ? fault::system : read.error().kind;
}

TEST(backend_row, is_found_by_name_among_others) {
  const auto read = read_backend_row(table("orders_stable,BACKEND,1,900,UP,1,2000,5,6,\n"
                                           "orders_canary,BACKEND,1,100,DOWN,7,250,12,34,\n"),
                                     "orders_canary");
  ASSERT_TRUE(read) << read.error().text;
  EXPECT_EQ(read->sessions, 100U);
  EXPECT_EQ(read->requests, 250U);
  EXPECT_EQ(read->answers_5xx, 7U);
  EXPECT_EQ(read->response_time, 12ms);
  EXPECT_EQ(read->total_time, 34ms);
}

TEST(backend_row, is_read_whatever_the_order_of_the_columns) {
  const auto read =
      read_backend_row(table("9,34,12,BACKEND,250,7,orders_canary,100,\n",
                             "# new,ttime,rtime,svname,req_tot,hrsp_5xx,pxname,stot,\n"),
                       "orders_canary");
  ASSERT_TRUE(read) << read.error().text;
  EXPECT_EQ(read->sessions, 100U);
  EXPECT_EQ(read->requests, 250U);
  EXPECT_EQ(read->answers_5xx, 7U);
  EXPECT_EQ(read->response_time, 12ms);
}

TEST(backend_row, is_not_that_of_a_frontend_or_server) {
  EXPECT_EQ(stat_fault_of(table("orders_canary,FRONTEND,1,100,UP,7,250,12,34,\n"
                                "orders_canary,cognigy,1,100,UP,7,250,12,34,\n")),
            fault::refused);
}

TEST(backend_row, that_does_not_exist_is_refused) {
  EXPECT_EQ(stat_fault_of(table("")), fault::refused);
  EXPECT_EQ(stat_fault_of(table("orders_canary2,BACKEND,1,100,UP,7,250,12,34,\n")), fault::refused);
  EXPECT_EQ(stat_fault_of("No such proxy.\n\n"), fault::refused);
}

TEST(backend_row, without_one_of_its_columns_is_malformed) {
  for (const auto* missing :
       {"stot", "hrsp_5xx", "req_tot", "rtime", "ttime", "pxname", "svname"}) {
    std::string columns{names};
    columns.replace(columns.find(missing), std::string_view{missing}.size(), "x");
    EXPECT_EQ(stat_fault_of(table("orders_canary,BACKEND,1,100,UP,7,250,12,34,\n", columns)),
              fault::malformed)
        << missing;
  }
}

TEST(backend_row, with_fewer_cells_than_columns_is_malformed) {
  EXPECT_EQ(stat_fault_of(table("orders_canary,BACKEND,1,100,UP,7\n")), fault::malformed);
  EXPECT_EQ(stat_fault_of(table("orders_canary\n")), fault::malformed);
}

TEST(backend_row, with_anything_but_counts_is_malformed) {
  for (const auto* cell : {"", "-1", "+1", "1.5", "1e3", "18446744073709551616", "many", " 1"})
    EXPECT_EQ(
        stat_fault_of(table("orders_canary,BACKEND,1," + std::string{cell} + ",UP,7,250,12,34,\n")),
        fault::malformed)
        << cell;
}

TEST(backend_row, takes_counts_up_to_64_bits_and_times_up_to_a_day) {
  const auto read = read_backend_row(
      table("orders_canary,BACKEND,1,18446744073709551615,UP,7,250,12,86400000,\n"),
      "orders_canary");
  ASSERT_TRUE(read) << read.error().text;
  EXPECT_EQ(read->sessions, 18'446'744'073'709'551'615U);
  EXPECT_EQ(read->total_time, 24h);
  EXPECT_EQ(stat_fault_of(table("orders_canary,BACKEND,1,1,UP,7,250,12,86400001,\n")),
            fault::malformed);
}

TEST(backend_row, of_an_answer_that_is_cut_off_is_lost) {
  const auto whole = table("orders_canary,BACKEND,1,100,UP,7,250,12,34,\n");
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_EQ(stat_fault_of(whole.substr(0, size)), fault::lost) << size;
}

TEST(backend_row, hostile_bytes_are_malformed_and_not_followed) {
  EXPECT_EQ(stat_fault_of(std::string(1'000'000, ',') + "\n\n"), fault::malformed);
  EXPECT_EQ(stat_fault_of("# " + std::string(1'000'000, ',') + "\n" + std::string(1'000'000, ',') +
                          "\n\n"),
            fault::malformed);
  EXPECT_EQ(stat_fault_of(std::string(1000, '\0') + "\n\n"), fault::malformed);
  EXPECT_EQ(stat_fault_of(table("orders_canary,BACKEND,1,1\0,UP,7,250,12,34,\n"sv)),
            fault::malformed);
}

}  // namespace
}  // namespace canaryd::platform
