// What has to hold for the stored form of a job and of its canary, whatever another version of the
// program has put into it: what is read can be written, and is then all there still.
#pragma once

#include "canaryd/core/canary_json.hpp"
#include "canaryd/core/job_file.hpp"
#include "canaryd/core/json_write.hpp"
#include "canaryd/core/stored_job.hpp"

#include <boost/json/parse.hpp>

#include "require.hpp"
#include <string_view>

namespace canaryd::fuzz {

inline void read_stored_canary(std::string_view text) {
  boost::json::error_code broken;
  const auto found = boost::json::parse(text, broken);
  const auto current = broken ? core::result<core::canary>{std::unexpected{core::error{}}}
                              : core::canary_from_json(found);
  if (!current)
    return;
  const auto unknown = core::unknown_members(found);
  // The store refuses these: they cannot be written.
  if (!core::has_only_finite_numbers(unknown))
    return;
  auto written = core::canary_to_json(*current);
  core::keep_unknown(written, *current, unknown);
  const auto again = boost::json::parse(core::write_json(written, core::json_layout::compact));
  const auto reread = core::canary_from_json(again);
  require(reread.has_value() && *reread == *current, "a canary is the same when it is read again");
  require(core::write_json(core::unknown_members(again), core::json_layout::compact).size() ==
              core::write_json(unknown, core::json_layout::compact).size(),
          "nothing that another version has stored is lost");
}

inline void read_stored_spec(std::string_view text) {
  const auto spec = core::read_stored_job(text);
  if (!spec)
    return require(!spec.error().text.empty(), "a spec that cannot be read has a reason");
  require(!spec->steps.empty(), "a job has a step");
  require(spec->validation_interval > core::duration::zero(), "an interval takes time");
  require(core::read_stored_job(core::write_job_file(*spec)).has_value(),
          "a job that was read can be written and read again");
}

}  // namespace canaryd::fuzz
