// What the readings of a canary add up to, counted beside the daemon: every conversation of every
// share once, whatever crashed in between (reference: "Judging").
#pragma once

#include "canaryd/store/store.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace canaryd::simulation {

class evidence_book {
 public:
  // A reading that is on disk, of the share of that step. Numbers rise.
  void note(std::int32_t step, const store::numbered_reading& made);
  // A loss of power has undone the readings after that number.
  void forget_after(std::int64_t number);

  // What is wrong with what the canary has gathered; nothing where it is all there.
  std::optional<std::string> problem_with(const canary::canary& stored) const;

 private:
  // What a reading tells of its share of the traffic. Counts since that was set only grow.
  struct line {
    std::int64_t number = 0;
    std::int32_t step = 0;
    std::int64_t conversations = 0;
    std::int64_t errors = 0;
  };
  std::vector<line> lines_;
};

}  // namespace canaryd::simulation
