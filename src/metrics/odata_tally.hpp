// Adds up OData's records, because the service makes no sums. Pure.
#pragma once

#include "canaryd/platform/json_answer.hpp"

#include <boost/json/object.hpp>

#include "measurement.hpp"
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace canaryd::metrics {

// Of the collection Sessions. A session that is there several times counts once, with the worst of
// what is said of it. A session that is known to have no end yet is passed over: what it will come
// to is not known.
class session_tally {
 public:
  // What is wrong with a record is the answer's problem: no session id, or a rating other than -1,
  // 1 and null.
  void add(platform::json_answer& answer, const boost::json::object& record);

  measured conversation_count() const;
  // 5 * positive / (positive + negative), with the number of ratings. Nothing without ratings.
  measured satisfaction() const;
  measured satisfaction_count() const;
  // The share of sessions that were handed over to a person.
  measured handover_rate() const;

 private:
  struct session {
    std::optional<std::int64_t> rating;
    bool was_handed_over = false;
  };

  std::unordered_map<std::string, session> sessions_;
};

// A word that a flow writes into a field of its own, custom1 to custom10.
struct written_word {
  std::string field;
  std::string word;
};

// Of the collection Analytics, which has a record for each message of a user.
class analytics_tally {
 public:
  // Counts these words.
  explicit analytics_tally(std::vector<written_word> words)
      : words_{std::move(words)}, found_(words_.size()) {}

  // A null execution time is left out. A negative one is the answer's problem.
  void add(platform::json_answer& answer, const boost::json::object& record);

  // The mean execution time, with the number of records that have one.
  measured latency_ms() const;
  // The share of them that took longer.
  measured slow_rate(double above_ms) const;
  // The share of records that have the word of that index.
  measured word_rate(std::size_t index) const;

 private:
  std::vector<double> times_ms_;
  std::vector<written_word> words_;
  // How often each of them was found.
  std::vector<std::int64_t> found_;
  std::size_t records_ = 0;
};

}  // namespace canaryd::metrics
