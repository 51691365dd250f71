// How long the API takes to answer, as it was seen lately. A value; it has no clock of its own.
#pragma once

#include "canaryd/core/time.hpp"

namespace canaryd::cognigy {

class answer_times {
 public:
  // A request was answered, whatever the answer was.
  void note(core::duration took);

  // What an answer takes on average; nothing is known before the first: zero.
  core::duration typical() const { return mean_; }

  // An answer that takes longer than that is not worth waiting for: twice the average and four
  // times its mean deviation, at least a second. So a busy machine, this one or the API's, is not
  // taken for one that does not answer.
  core::duration longest() const;

 private:
  core::duration mean_{};
  core::duration deviation_{};
};

}  // namespace canaryd::cognigy
