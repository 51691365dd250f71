// Estimates how long the API takes to answer, from its recent answers. This is a value without a
// clock.
#pragma once

#include "canaryd/base/time.hpp"

namespace canaryd::platform {

class answer_times {
 public:
  // Notes how long an answer took, whatever it said.
  void note(duration took);
  // Notes that a request was not answered within its time.
  void note_silence() { is_known_ = true; }

  // The average time of an answer. Zero before the first.
  duration typical() const { return mean_; }

  // How long it is worth waiting for an answer: twice the average plus four times the mean
  // deviation, at least a second, so that a busy machine (this one or the API's) does not count as
  // one that does not answer. duration::max() if nothing is known yet.
  duration longest() const;

 private:
  bool is_known_ = false;
  duration mean_{};
  duration deviation_{};
};

}  // namespace canaryd::platform
