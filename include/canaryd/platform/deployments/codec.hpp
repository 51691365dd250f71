// What the calls say and hear (reference: "API calls", "API answers"): request bodies, and answers
// that may be hostile. Pure.
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

// Requests. Numbers are in the shortest form that reads back the same.

// The traffic asked for is that of the job's first step.
std::string deploy_body(const job::job& job);
// The stable arm gets the rest of 100.
std::string traffic_body(double canary_percent);
// Absent metrics are left out, here and below.
std::string rollback_body(std::string_view reason, const judge::metrics_sample& metrics);
std::string promote_body(const judge::metrics_sample& metrics);
std::string webhook_body(const webhook& hook, std::string_view secret);
// A deployment that is not known yet is left out.
std::string audit_body(const canary::audit_record& record);
// What a window is counted in where its unit is written 's' or 'm'.
constexpr duration length_of(char unit) {
  return unit == 's' ? duration{std::chrono::seconds{1}} : duration{std::chrono::minutes{1}};
}
// "15m" or "90s": `window` in whole units ('m' or 's'), rounded up.
std::string window_text(duration window, char unit);

// Answers. What is wrong with a body that cannot be used, without the body: not JSON, not UTF-8,
// nested deeper than 32, a key twice or a number over the range of a double anywhere in it, a value
// of another type or outside its range. null is as good as absent; other keys are ignored.
template <class T>
using parsed = std::expected<T, std::string>;

// `further`: metrics wanted beside those of every answer, by name. They are finite numbers; those
// that are missing or null are left out of the sample.
parsed<judge::metrics_sample> parse_metrics(std::string_view body,
                                            std::span<const std::string> further = {});

// A deployment's id is a text, or a whole number that is taken digit by digit. It goes into paths,
// so one that is "." or "..", over 1024 bytes, or has a control character is of no use. Versions
// and dates, and what a deployment is of, may be numbers, which are taken as they are written.

// The deployment's id, empty where the answer has none (or no body).
parsed<std::string> parse_deployed(std::string_view body);
parsed<canary::deployment> parse_deployment(std::string_view body);

// One page of a list.
template <class T>
struct page {
  std::vector<T> items;
  // What could be read of the items that are passed over, and what is wrong with the first of them.
  std::vector<T> unreadable;
  std::string problem;
  // Where the next page is, as the body's `next` says: a URL or a cursor. Empty: nowhere.
  std::string next;

  bool operator==(const page&) const = default;
};

// {"items": […]} or a bare array; null, {"items": null} and no body are an empty list.
// A deployment needs an id; its share of the traffic is left out where it is of no use.
parsed<page<canary::deployment>> parse_deployments(std::string_view body);
parsed<page<webhook>> parse_webhooks(std::string_view body);
// Items are texts or numbers, or objects with a `version`.
parsed<page<std::string>> parse_versions(std::string_view body);

}  // namespace canaryd::platform::deployments
