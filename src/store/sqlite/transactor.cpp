#include "transactor.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <utility>

namespace canaryd::store {
namespace {

bool is_trouble_of_data(const sqlite_failure& failure) {
  const int kind = failure.code & 0xff;
  return kind == SQLITE_CONSTRAINT || kind == SQLITE_TOOBIG || kind == SQLITE_MISMATCH;
}

}  // namespace

transactor::transactor(std::unique_ptr<connection> state, bool waits_for_disk, sqlite_hooks hooks)
    : state_{std::move(state)}, waits_for_disk_{waits_for_disk}, hooks_{std::move(hooks)} {}

std::vector<result<void>> transactor::execute(std::span<request> batch) {
  std::vector<result<void>> outcomes(batch.size());
  const std::span results{outcomes};
  if (write_all(batch, results) == batch_state::poisoned) {
    for (std::size_t i = 0; i < batch.size(); ++i)
      write_all(batch.subspan(i, 1), results.subspan(i, 1));
  }
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (batch[i].needs == access::read)
      outcomes[i] = batch[i].renew ? renew(batch[i]) : read(batch[i]);
  }
  return outcomes;
}

transactor::batch_state transactor::write_all(std::span<request> batch,
                                              std::span<result<void>> outcomes) {
  const auto needs = std::ranges::max_element(batch, {}, &request::needs)->needs;
  if (needs == access::read)
    return batch_state::committed;
  const bool synced = needs == access::synced_write;
  if (hooks_.before_transaction)
    hooks_.before_transaction(state_->handle());
  set_synchronous(!waits_for_disk_ ? "PRAGMA synchronous = OFF"
                  : synced         ? "PRAGMA synchronous = FULL"
                                   : "PRAGMA synchronous = NORMAL");
  state_->run("BEGIN IMMEDIATE");
  for (std::size_t i = 0; i < batch.size() && !state_->failure(); ++i) {
    if (batch[i].needs != access::read)
      outcomes[i] = batch[i].run(*state_);
  }
  if (hooks_.before_commit && !state_->failure()) {
    if (const int code = hooks_.before_commit(synced); code != SQLITE_OK)
      state_->fail(code);
  }
  state_->run("COMMIT");
  if (state_->failure())
    return roll_back(batch, outcomes);
  if (hooks_.committed)
    hooks_.committed(synced);
  return batch_state::committed;
}

transactor::batch_state transactor::roll_back(std::span<request> batch,
                                              std::span<result<void>> outcomes) {
  const auto failure = *state_->failure();
  state_->roll_back();
  synchronous_ = nullptr;
  if ((failure.code & 0xff) == SQLITE_FULL)
    make_room();
  const error problem{.kind = fault::system, .text = "cannot write the state: " + failure.text};
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (batch[i].needs != access::read)
      outcomes[i] = std::unexpected{problem};
  }
  return batch.size() > 1 && is_trouble_of_data(failure) ? batch_state::poisoned
                                                         : batch_state::rolled_back;
}

// Moves what it can from the log into the file, which makes room in the log. Does not wait for
// readers.
void transactor::make_room() {
  sqlite3_wal_checkpoint_v2(state_->handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
}

result<void> transactor::read(request& asked) {
  auto outcome = asked.run(*state_);
  if (const auto& problem = state_->failure())
    outcome = failure(fault::system, "cannot read the state: " + problem->text);
  state_->forgive();
  return outcome;
}

result<void> transactor::renew(request& asked) {
  auto renewed = asked.renew(*state_);
  if (!renewed)
    return std::unexpected{std::move(renewed.error())};
  // By now the files that the old connection would remove when it is closed belong to the new one.
  sqlite3_db_config(state_->handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  state_ = std::move(*renewed);
  synchronous_ = nullptr;
  return {};
}

void transactor::set_synchronous(const char* level) {
  if (std::exchange(synchronous_, level) != level)
    state_->execute(level);
}

}  // namespace canaryd::store
