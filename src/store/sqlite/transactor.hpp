// Runs requests on the connection: all writes of a batch in one transaction, then the reads.
#pragma once

#include "canaryd/store/sqlite/sqlite.hpp"
#include "canaryd/store/sqlite/sqlite_store.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

namespace canaryd::store {

enum class access : std::uint8_t {
  read,
  // A loss of power may undo it, and nobody waits for it.
  patient_write,
  // A loss of power may undo it.
  write,
  // On disk before its caller goes on.
  synced_write,
};

struct request {
  access needs = access::read;
  // May be called again, after its changes were rolled back. An error that it returns is its own
  // and must have changed nothing; a failure of the connection is that of the whole transaction.
  std::move_only_function<result<void>(connection&)> run;
  // Instead: makes the connection that takes the place of this one, which is left as it is.
  std::move_only_function<result<std::unique_ptr<connection>>(connection&)> renew = {};
};

class transactor {
 public:
  transactor(std::unique_ptr<connection> state, bool waits_for_disk, sqlite_hooks hooks);

  // What became of each request.
  std::vector<result<void>> execute(std::span<request> batch);

 private:
  enum class batch_state : std::uint8_t {
    committed,
    // The file cannot be written.
    rolled_back,
    // One of the requests cannot be written, whatever the others are.
    poisoned,
  };

  batch_state write_all(std::span<request> batch, std::span<result<void>> outcomes);
  batch_state roll_back(std::span<request> batch, std::span<result<void>> outcomes);
  result<void> read(request& asked);
  result<void> renew(request& asked);
  void make_room();
  void set_synchronous(const char* level);

  std::unique_ptr<connection> state_;
  bool waits_for_disk_;
  sqlite_hooks hooks_;
  const char* synchronous_ = nullptr;
};

}  // namespace canaryd::store
