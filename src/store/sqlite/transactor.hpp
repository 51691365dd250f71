// Runs requests on the connection: first all writes of a batch in one transaction, then the reads.
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
  // A loss of power may undo it, and it may wait for more to write.
  patient_write,
  // A loss of power may undo it.
  write,
  // It is on disk before its caller goes on.
  synced_write,
};

struct request {
  access needs = access::read;
  // May be called again after its changes were rolled back. If it returns an error, it must not
  // have changed anything, and the transaction goes on. If the connection fails, the whole
  // transaction fails.
  std::move_only_function<result<void>(connection&)> run;
  // If set, it is called instead. It makes the connection that replaces this one, and does not
  // change this one.
  std::move_only_function<result<std::unique_ptr<connection>>(connection&)> renew = {};
};

class transactor {
 public:
  transactor(std::unique_ptr<connection> state, bool waits_for_disk, sqlite_hooks hooks);

  // Returns the outcome of each request.
  std::vector<result<void>> execute(std::span<request> batch);

 private:
  enum class batch_state : std::uint8_t {
    committed,
    // The file cannot be written.
    rolled_back,
    // One of the requests can never be written. The others may.
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
