// What has to hold for the stored form of a job and of its canary, whatever another version of the
// program has put into it: what is read can be written, and is then all there still.
#pragma once

#include "canaryd/canary/canary_json.hpp"
#include "canaryd/job/job_file.hpp"
#include "canaryd/job/stored_job.hpp"
#include "canaryd/text/json_write.hpp"

#include <boost/json/parse.hpp>

#include "require.hpp"
#include <string_view>

namespace canaryd::fuzz {

inline void read_stored_canary(std::string_view text) {
  boost::json::error_code broken;
  const auto found = boost::json::parse(text, broken);
  const auto current =
      broken ? result<canary::canary>{std::unexpected{error{}}} : canary::canary_from_json(found);
  if (!current)
    return;
  auto unknown = canary::unknown_members(found);
  // A call that no canary makes in that state is forgotten with all that is in it.
  if (!current->next_call)
    unknown.erase("next_call");
  // The store refuses these: they cannot be written.
  if (!canary::has_only_finite_numbers(unknown))
    return;
  auto written = canary::canary_to_json(*current);
  canary::keep_unknown(written, *current, unknown);
  const auto again = boost::json::parse(text::write_json(written, text::json_layout::compact));
  const auto reread = canary::canary_from_json(again);
  require(reread.has_value() && *reread == *current, "a canary is the same when it is read again");
  require(text::write_json(canary::unknown_members(again), text::json_layout::compact).size() ==
              text::write_json(unknown, text::json_layout::compact).size(),
          "nothing that another version has stored is lost");
}

inline void read_stored_spec(std::string_view text) {
  const auto spec = job::read_stored_job(text);
  if (!spec)
    return require(!spec.error().text.empty(), "a spec that cannot be read has a reason");
  require(!spec->steps.empty(), "a job has a step");
  require(spec->validation_interval > duration::zero(), "an interval takes time");
  require(job::read_stored_job(job::write_job_file(*spec)).has_value(),
          "a job that was read can be written and read again");
}

}  // namespace canaryd::fuzz
