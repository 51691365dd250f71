// What somebody else is told. It is kept until it has arrived.
#pragma once

#include "canaryd/base/time.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_set>
#include <vector>

namespace canaryd::store {

struct delivery {
  // The position among all deliveries. The store gives it, and settle_delivery() takes it.
  std::int64_t sequence = 0;
  // Unique for the destination, and the same in every attempt.
  std::string id;
  // Who gets it, such as `audit:api`.
  std::string destination;
  // What the payload is, such as `audit_record`.
  std::string kind;
  // Deliveries of one key arrive at a destination in the order in which they were committed. The
  // key of an audit record is the id of its job.
  std::string order_key;
  // JSON, in the form that the kind has.
  std::string payload;
  wall_time created_at;
  // The number of failed attempts. The store counts them.
  std::int64_t attempts = 0;
};

// Says which deliveries are asked for.
struct due_question {
  std::string destination;
  // The most deliveries to return, one of each order key.
  std::size_t limit = 0;
  // Order keys to leave out.
  std::vector<std::string> busy;
  // Deliveries to leave out, by sequence. They do not hold up those behind them.
  std::unordered_set<std::int64_t> passed_over;
};

}  // namespace canaryd::store
