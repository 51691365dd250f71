// Something worth telling an operator, as data: pure code returns notes, its driver logs them.
#pragma once

#include <cstdint>
#include <string>

namespace canaryd::core {

enum class severity : std::uint8_t { debug, info, warning, error, critical };

// The kinds of event that the daemon tells about; daemon/log.cpp describes each.
enum class topic : std::uint8_t {
  daemon,
  job_file,
  waiting,
  deploy,
  reading,
  provider,
  hold,
  promote,
  rollback,
  outcome,
  external_change,
  webhook,
  audit,
  budget,
  token,
  surplus_deployment,
};

struct note {
  severity level = severity::info;
  topic about = topic::daemon;
  // A short sentence, without a trailing full stop.
  std::string text;

  bool operator==(const note&) const = default;
};

}  // namespace canaryd::core
