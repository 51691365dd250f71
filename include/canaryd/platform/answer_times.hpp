// How long the API takes to answer, as it was seen lately. A value; it has no clock of its own.
#pragma once

#include "canaryd/base/time.hpp"

namespace canaryd::platform {

class answer_times {
 public:
  // A request was answered, whatever the answer was.
  void note(duration took);
  // One was not answered for as long as it was given.
  void note_silence() { is_known_ = true; }

  // What an answer takes on average; zero before the first.
  duration typical() const { return mean_; }

  // An answer that takes longer than that is not worth waiting for: twice the average and four
  // times its mean deviation, at least a second, so that a busy machine, this one or the API's, is
  // not taken for one that does not answer. Without an end as long as nothing is known.
  duration longest() const;

 private:
  bool is_known_ = false;
  duration mean_{};
  duration deviation_{};
};

}  // namespace canaryd::platform
