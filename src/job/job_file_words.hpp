// The words of a job file and what they stand for, for its reader and its writer.
#pragma once

#include "canaryd/job/job.hpp"

#include <string>
#include <utility>
#include <vector>

namespace canaryd::job {

template <class T>
using words = std::vector<std::pair<std::string, T>>;

inline words<inconclusive_rule> inconclusive_words() {
  return {{"extend", inconclusive_rule::extend},
          {"rollback", inconclusive_rule::rollback},
          {"promote", inconclusive_rule::promote}};
}

inline words<judging_method> method_words() {
  return {{"threshold", judging_method::threshold}, {"sequential", judging_method::sequential}};
}

inline words<comparison> comparison_words() {
  return {{"limit", comparison::limit}, {"stable", comparison::stable}, {"both", comparison::both}};
}

inline words<promotion_rule> promotion_words() {
  return {{"not_worse", promotion_rule::not_worse}, {"proven", promotion_rule::proven}};
}

}  // namespace canaryd::job
