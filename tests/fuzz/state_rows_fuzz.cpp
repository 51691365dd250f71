// A state whose tables are as they should be, and whose rows are not: a line of the input for each
// column of a job and of a delivery. An empty line leaves the column as it was.
#include "canaryd/delivery/audit_payload.hpp"
#include "canaryd/store/sqlite/sqlite.hpp"

#include <fmt/format.h>

#include "require.hpp"
#include "state_use.hpp"
#include "stored_form.hpp"
#include "support/full_canary.hpp"
#include <array>
#include <cstdint>

namespace canaryd::fuzz {
namespace {

constexpr std::array<std::string_view, 22> columns{"jobs.canary",
                                                   "jobs.spec",
                                                   "jobs.committed_wall",
                                                   "jobs.committed_boot_ns",
                                                   "jobs.boot_id",
                                                   "jobs.job_id",
                                                   "jobs.stem",
                                                   "jobs.state",
                                                   "jobs.ended_at",
                                                   "jobs.digest",
                                                   "jobs.base_url",
                                                   "jobs.source_inode",
                                                   "jobs.arrival",
                                                   "deliveries.id",
                                                   "deliveries.order_key",
                                                   "deliveries.destination",
                                                   "deliveries.kind",
                                                   "deliveries.payload",
                                                   "deliveries.next_at",
                                                   "deliveries.created_at",
                                                   "deliveries.attempts",
                                                   "deliveries.sequence"};

async::task<> fill(store::sqlite_store& state) {
  store::job_record job;
  job.stem = "nightly";
  job.digest = "digest";
  job.base_url = "https://api.test/v1";
  job.spec = support::full_job();
  job.canary = support::full_canary();
  const canary::audit_record record{.record_id = "uid-1-1",
                                    .job_id = job.canary.job_id,
                                    .bot_id = "bot_a",
                                    .metrics = {0.25, 4.5, std::nullopt, 77}};
  store::transition made;
  made.canary = job.canary;
  made.deliveries = {delivery::make_audit_delivery(delivery::audit_destination(job.spec.platform),
                                                   {record, job.base_url})};
  co_await state.add(std::move(job));
  co_await state.commit(std::move(made));
}

void make_state(const std::filesystem::path& file) {
  support::virtual_time time;
  store::sqlite_options options;
  options.inline_writer = true;
  options.waits_for_disk = false;
  auto opened = store::open_sqlite_store(time.executor(), file, options);
  require(opened.has_value(), "a new state can be made");
  time.await(fill(**opened));
}

void change_rows(const std::filesystem::path& file, std::string_view lines) {
  store::connection state{file};
  for (const auto column : columns) {
    const auto line = lines.substr(0, lines.find('\n'));
    lines.remove_prefix(std::min(line.size() + 1, lines.size()));
    const auto dot = column.find('.');
    if (!line.empty())
      state.run(fmt::format("UPDATE {} SET {} = ?", column.substr(0, dot), column.substr(dot + 1)),
                line);
    // What the table does not take is left as it was.
    state.forgive();
  }
}

}  // namespace
}  // namespace canaryd::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace canaryd::fuzz;
  static const state_folder folder;
  static const state_folder fresh;
  if (!std::filesystem::exists(fresh.file()))
    make_state(fresh.file());
  folder.clear();
  std::filesystem::copy_file(fresh.file(), folder.file());
  const auto lines = as_text(data, size);
  const auto canary = lines.substr(0, lines.find('\n'));
  const auto rest = lines.substr(std::min(canary.size() + 1, lines.size()));
  read_stored_canary(canary);
  read_stored_spec(rest.substr(0, rest.find('\n')));
  change_rows(folder.file(), lines);
  open_and_use(folder.file());
  return 0;
}
