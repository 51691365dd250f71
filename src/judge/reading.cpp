#include "canaryd/judge/reading.hpp"

namespace canaryd::judge {

std::string_view to_string(verdict outcome) {
  switch (outcome) {
    case verdict::pass:
      return "pass";
    case verdict::breach:
      return "breach";
    case verdict::no_data:
      return "no_data";
    case verdict::provider_error:
      return "provider_error";
  }
  return "";
}

std::string_view to_string(metrics_source source) {
  switch (source) {
    case metrics_source::primary:
      return "primary";
    case metrics_source::fallback:
      return "fallback";
    case metrics_source::merged:
      return "merged";
    case metrics_source::unknown:
      return "unknown";
  }
  return "";
}

metrics_sample sample_of(const reading& taken) {
  metrics_sample sample;
  sample.conversation_count = taken.conversations;
  for (const auto& metric : taken.metrics) {
    if (const auto* known = job::find_built_in(metric.name))
      value_of(sample, *known) = metric.value;
    // The sample has this one already, as its count.
    else if (metric.value && metric.name != "conversation_count")
      sample.further.emplace_back(metric.name, *metric.value);
  }
  return sample;
}

}  // namespace canaryd::judge
