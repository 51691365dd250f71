// A store on the bench: a folder of its own, clocks that the test moves, jobs with little in them.
#pragma once

#include "canaryd/store/sqlite/sqlite.hpp"
#include "canaryd/store/sqlite/sqlite_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/full_canary.hpp"
#include "support/virtual_time.hpp"
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdlib.h>
#include <string>
#include <utility>
#include <vector>

namespace canaryd::store {

using namespace std::chrono_literals;

inline job_record job_named(const std::string& id, const std::string& stem) {
  job_record made;
  made.stem = stem;
  made.digest = "digest-" + id;
  made.base_url = "https://api.test/" + id;
  made.source = {.device = 1, .inode = ~0ULL, .modified_ns = 3, .changed_ns = 4};
  made.spec = support::full_job();
  made.canary = canary::make_canary(id, "uid-" + id, made.spec);
  return made;
}

inline job_record job_named(const std::string& id) {
  return job_named(id, id);
}

inline delivery delivery_of(const canary::canary& current, int number) {
  return {.id = current.uid + "-" + std::to_string(number),
          .destination = "audit:api",
          .kind = "audit_record",
          .order_key = current.job_id,
          .payload = R"({"number":)" + std::to_string(number) + "}",
          .created_at = wall_time{1'700'000'000'000ms + number * 1ms}};
}

// The canary with that many further records, each of them a delivery.
inline transition with_records(canary::canary current, int count) {
  transition made;
  for (int i = 0; i < count; ++i)
    made.deliveries.push_back(delivery_of(current, static_cast<int>(++current.records_made)));
  made.canary = std::move(current);
  return made;
}

inline canary::canary ended(canary::canary current, canary::canary_state outcome,
                            wall_time at = wall_time{1'700'000'000'000ms}) {
  current.phase = canary::phases::ended{{.as = outcome, .why = canary::reason::passed}};
  current.next_call.reset();
  current.ended_at = at;
  return current;
}

inline std::vector<std::string> ids_of(const std::vector<delivery>& due) {
  std::vector<std::string> ids;
  for (const auto& each : due)
    ids.push_back(each.id);
  return ids;
}

class folder_test : public testing::Test {
 protected:
  folder_test() {
    auto pattern = (std::filesystem::temp_directory_path() / "canaryd-store-XXXXXX").string();
    directory = ::mkdtemp(pattern.data());
  }
  ~folder_test() override { std::filesystem::remove_all(directory); }

  std::filesystem::path file() const { return directory / "state.db"; }

  // The first column of the first row, as another program that looks in would see it.
  std::string look_in(std::string_view sql) const {
    connection other{file()};
    auto found = other.query(sql);
    std::string text{found.next() ? found.text(0) : std::string_view{}};
    EXPECT_TRUE(other.outcome()) << other.outcome().error().text;
    return text;
  }

  std::filesystem::path directory;
};

// In virtual time, with the writer inline.
class sqlite_store_test : public folder_test {
 protected:
  sqlite_store_test() {
    options.inline_writer = true;
    options.waits_for_disk = false;
    options.time.boot_id = [this] { return boot_id; };
    options.time.now = async::clock::now;
    options.time.wall_now = async::clock::wall_now;
  }

  result<void> try_open() {
    store.reset();
    auto opened = open_sqlite_store(time.executor(), file(), options);
    if (!opened)
      return std::unexpected{opened.error()};
    store = *std::move(opened);
    return {};
  }
  void open() {
    const auto opened = try_open();
    ASSERT_TRUE(opened) << opened.error().text;
  }

  // What a task of the store gives, which must be no error.
  template <class T>
  T get(async::task<result<T>> work) {
    auto got = time.await(std::move(work));
    if (!got)
      throw std::runtime_error{got.error().text};
    if constexpr (!std::is_void_v<T>)
      return *std::move(got);
  }
  // What is due to that destination, at most ten.
  std::vector<delivery> due(std::string destination = "audit:api") {
    return get(store->due_deliveries(
        {.destination = std::move(destination), .limit = 10, .busy = {}, .passed_over = {}}));
  }
  // Settles the delivery of that id, as the store knows it.
  void settle(const std::string& id, std::optional<std::string> refusal = {}) {
    const auto sequence = look_in("SELECT sequence FROM deliveries WHERE id = '" + id + "'");
    get(store->settle_delivery(std::stoll(sequence), std::move(refusal)));
  }
  error error_of(async::task<result<void>> work) {
    const auto got = time.await(std::move(work));
    return got ? error{.text = "no error"} : got.error();
  }

  support::virtual_time time;
  std::string boot_id = "boot-1";
  sqlite_options options;
  std::unique_ptr<sqlite_store> store;
};

}  // namespace canaryd::store
