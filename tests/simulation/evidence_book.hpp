// Adds up the readings of a canary independently of the daemon: every conversation of every share
// counts once, whatever crashed in between (reference: "Judging").
#pragma once

#include "canaryd/store/store.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace canaryd::simulation {

class evidence_book {
 public:
  // A reading at the share of that step is on disk. Numbers must rise.
  void note(std::int32_t step, const store::numbered_reading& made);
  // A loss of power has undone the readings after that number.
  void forget_after(std::int64_t number);

  // Says what is wrong with the evidence of the canary. Returns nothing if it is complete.
  std::optional<std::string> problem_with(const canary::canary& stored) const;

 private:
  // What a reading says about its share of the traffic. The counts only grow after that share is
  // set.
  struct line {
    std::int64_t number = 0;
    std::int32_t step = 0;
    std::int64_t conversations = 0;
    std::int64_t errors = 0;
  };
  std::vector<line> lines_;
};

}  // namespace canaryd::simulation
