// The configured sources of metrics, and the reader that asks them (reference: "Where metrics come
// from"). These are values as the configuration gives them; what they point to belongs to the
// caller, and must outlive the reader.
#pragma once

#include "canaryd/base/error.hpp"
#include "canaryd/base/time.hpp"
#include "canaryd/metrics/arm_reader.hpp"
#include "canaryd/metrics/text_template.hpp"
#include "canaryd/net/transport.hpp"
#include "canaryd/platform/budget/rate_budget.hpp"
#include "canaryd/platform/splitter.hpp"
#include "canaryd/text/secret.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace canaryd::metrics {

struct secret_header {
  std::string name;
  text::secret value;
};

// How a web source is reached.
struct source_access {
  net::transport* carrier = nullptr;
  // None: requests do not wait.
  platform::rate_budget* budget = nullptr;
  duration request_timeout = std::chrono::seconds{30};
  // Sent with each request. No error shows their values.
  std::vector<secret_header> headers = {};
};

struct prometheus_source {
  // In front of "/api/v1/query".
  std::string url;
  source_access access;
};

struct json_source {
  text_template url;
  source_access access;
};

struct odata_source {
  // Up to and with the version.
  std::string url;
  source_access access;
  // The field that identifies a record.
  std::string key = "id";
  bool quoted_dates = false;
};

struct splitter_source {
  platform::splitter* splitter = nullptr;
  // The backend that serves the arm; empty where none is configured.
  std::function<std::string(const arm_query&)> backend_of;
};

struct source {
  std::string name;
  std::variant<prometheus_source, json_source, odata_source, splitter_source> kind;
  // How old a window must be for the source to know all of it: so much older windows are asked for.
  duration lag{};
};

// The result of a query, or of one divided by another.
struct prometheus_metric {
  text_template query;
  std::optional<text_template> denominator = std::nullopt;
};

struct json_metric {
  // JSON Pointers; without a count, `count` is empty.
  std::string value;
  std::string count = {};
};

enum class odata_figure : std::uint8_t {
  conversation_count,
  satisfaction_score,
  satisfaction_count,
  handover_rate,
  avg_latency_ms,
  // The share of answers that took longer than `above_ms`.
  slow_rate,
  // The share of messages for which the flow has written `word` into `field`.
  word_rate,
};

struct odata_metric {
  odata_figure figure{};
  double above_ms = 0.0;
  std::string field = {};
  std::string word = {};
};

// The share of answers with a status of 5xx.
struct splitter_metric {};

struct sourced_metric {
  // As a job names it: a built-in metric, conversation_count, satisfaction_count, or another.
  std::string name;
  // The name of a source of the fitting kind.
  std::string source;
  std::variant<prometheus_metric, json_metric, odata_metric, splitter_metric> from;
};

// Fails (refused) if a metric or source is there twice, if a metric's source is missing or of
// another kind, and if a pointer, a limit or a field is not valid. `random` gives numbers in
// [0, 1).
result<std::unique_ptr<arm_reader>> make_source_reader(std::vector<source> sources,
                                                       std::vector<sourced_metric> metrics,
                                                       std::function<double()> random);

}  // namespace canaryd::metrics
