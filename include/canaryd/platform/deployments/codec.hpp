// Writes the bodies of requests and reads those of answers, which may be hostile (reference: "API
// calls", "API answers"). Pure.
#pragma once

#include "canaryd/base/time.hpp"
#include "canaryd/canary/audit.hpp"
#include "canaryd/canary/deployment.hpp"
#include "canaryd/job/job.hpp"
#include "canaryd/judge/metrics.hpp"
#include "canaryd/platform/webhook.hpp"

#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace canaryd::platform::deployments {

// Requests. Numbers are written in the shortest form that reads back the same.

// Asks for the traffic of the job's first step.
std::string deploy_body(const job::job& job);
// The stable arm gets the rest of 100 percent.
std::string traffic_body(double canary_percent);
// Absent metrics are left out, here and below.
std::string rollback_body(std::string_view reason, const judge::metrics_sample& metrics);
std::string promote_body(const judge::metrics_sample& metrics);
std::string webhook_body(const webhook& hook, std::string_view secret);
// The deployment's id is left out if it is not known yet.
std::string audit_body(const canary::audit_record& record);
// Returns the length of the unit 's' or 'm'.
constexpr duration length_of(char unit) {
  return unit == 's' ? duration{std::chrono::seconds{1}} : duration{std::chrono::minutes{1}};
}
// Writes `window` in whole units ('m' or 's'), rounded up, such as "15m" or "90s".
std::string window_text(duration window, char unit);

// Answers. If a body cannot be used, the result says what is wrong, without quoting it: it is not
// JSON, not UTF-8, or nested deeper than 32; it has a key twice, or a number that is out of the
// range of a double; or a value is of another type or outside its range. null counts as absent.
// Other keys are ignored.
template <class T>
using parsed = std::expected<T, std::string>;

// `further` names the metrics to read besides the built-in ones. They must be finite numbers. Those
// that are missing or null are left out of the sample.
parsed<judge::metrics_sample> parse_metrics(std::string_view body,
                                            std::span<const std::string> further = {});

// A deployment's id is a text, or a whole number that is taken digit by digit. It goes into paths,
// so it cannot be used if it is "." or "..", is longer than 1024 bytes, or has a control character.
// The version, the date, the bot and the environment of a deployment may be numbers, which are
// taken as they are written.

// Returns the deployment's id, which is empty if the answer has none or has no body.
parsed<std::string> parse_deployed(std::string_view body);
parsed<canary::deployment> parse_deployment(std::string_view body);

// One page of a list.
template <class T>
struct page {
  std::vector<T> items;
  // What could be read of the items that are passed over.
  std::vector<T> unreadable;
  // What is wrong with the first of those.
  std::string problem;
  // The body's `next`, which is a URL or a cursor. Empty if there is none.
  std::string next;

  bool operator==(const page&) const = default;
};

// A list is {"items": […]} or a bare array. null, {"items": null} and no body are an empty list.
// A deployment needs an id. Its share of the traffic is left out if it cannot be used.
parsed<page<canary::deployment>> parse_deployments(std::string_view body);
parsed<page<webhook>> parse_webhooks(std::string_view body);
// An item is a text, a number, or an object with a `version`.
parsed<page<std::string>> parse_versions(std::string_view body);

}  // namespace canaryd::platform::deployments
