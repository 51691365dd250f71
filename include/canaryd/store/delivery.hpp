// What somebody else is to be told, kept until it has arrived.
#pragma once

#include "canaryd/base/time.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_set>
#include <vector>

namespace canaryd::store {

struct delivery {
  // Position in the order of all deliveries, and what it is settled by; given by the store.
  std::int64_t sequence = 0;
  // Unique for its destination, and the same however often it is delivered.
  std::string id;
  // Who is to have it, such as `audit:api`.
  std::string destination;
  // What is in it, such as `audit_record`.
  std::string kind;
  // Those of one key and one destination arrive in the order in which they were committed. Of an
  // audit record it is the id of its job.
  std::string order_key;
  // JSON, as the kind says.
  std::string payload;
  wall_time created_at;
  // How often it was tried in vain; given by the store.
  std::int64_t attempts = 0;
};

// Which deliveries somebody asks for.
struct due_question {
  std::string destination;
  // At most so many, one of each order key.
  std::size_t limit = 0;
  // Order keys that are left out.
  std::vector<std::string> busy;
  // Sequences of deliveries that are left out, while those behind them go on.
  std::unordered_set<std::int64_t> passed_over;
};

}  // namespace canaryd::store
