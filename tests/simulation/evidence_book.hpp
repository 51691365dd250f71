// What the readings of a canary add up to, counted beside the daemon: every conversation of every
// share once, whatever crashed in between (SPEC section 3.1).
#pragma once

#include "canaryd/store/store.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace canaryd::simulation {

class evidence_book {
 public:
  // A reading that is on disk. A number that is not new is one that a loss of power had undone.
  void note(const store::numbered_reading& made);

  // What is wrong with what the canary has gathered; nothing where it is all there.
  std::optional<std::string> problem_with(const core::canary& stored) const;

 private:
  // One share of the traffic: counts since it was set only grow.
  struct share {
    core::duration window{};
    std::int64_t conversations = 0;
    std::int64_t errors = 0;
  };
  std::vector<share> shares_;
  std::int64_t last_number_ = 0;
};

}  // namespace canaryd::simulation
