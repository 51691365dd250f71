// Describes the state of the simulator.
#include "canaryd/sim/console.hpp"
#include "canaryd/text/wall_text.hpp"

#include <boost/json/array.hpp>

namespace canaryd::sim {
namespace {

double seconds_since(instant start, instant when) {
  return std::chrono::duration<double>(when - start).count();
}

boost::json::object describe(const deployment_record& shown, instant start) {
  boost::json::array history;
  for (const auto& change : shown.history) {
    history.push_back(boost::json::object{{"at", seconds_since(start, change.when.now)},
                                          {"time", text::format_wall_time(change.when.wall)},
                                          {"status", to_string(change.status)},
                                          {"canary", change.canary_percent},
                                          {"cause", change.cause}});
  }
  return {{"deploymentId", shown.id},
          {"bot_id", shown.bot_id},
          {"environment_id", shown.environment_id},
          {"version", shown.version},
          {"status", to_string(shown.status)},
          {"canary", shown.canary_percent},
          {"idempotency_key", shown.idempotency_key},
          {"history", std::move(history)}};
}

boost::json::object describe(const stored_audit& shown, instant start) {
  return {{"record_id", shown.record_id},
          {"bot_id", shown.bot_id},
          {"job_id", shown.job_id},
          {"deployment_id", shown.deployment_id},
          {"action", shown.action},
          {"status", shown.status},
          {"at", seconds_since(start, shown.arrived.now)},
          {"times_sent", shown.times_sent}};
}

boost::json::object describe(const stored_webhook& shown) {
  boost::json::array events(shown.events.begin(), shown.events.end());
  return {{"name", shown.name},
          {"url", shown.url},
          {"events", std::move(events)},
          {"active", shown.active}};
}

boost::json::object describe(const violation& shown, instant start) {
  return {{"kind", to_string(shown.kind)},
          {"text", shown.text},
          {"at", seconds_since(start, shown.at)}};
}

}  // namespace

boost::json::object describe_state(const world& shown) {
  const auto start = shown.start();
  boost::json::array deployments;
  for (const auto& deployment : shown.deployments())
    deployments.push_back(describe(deployment, start));
  boost::json::array audits;
  for (const auto& record : shown.audits())
    audits.push_back(describe(record, start));
  boost::json::array webhooks;
  for (const auto& hook : shown.webhooks())
    webhooks.push_back(describe(hook));
  boost::json::object counts;
  for (std::size_t place = 0; place < call_count; ++place) {
    const auto what = static_cast<call>(place);
    counts[to_string(what)] = shown.count(what);
  }
  boost::json::array violations;
  for (const auto& noticed : shown.violations())
    violations.push_back(describe(noticed, start));
  return {{"deployments", std::move(deployments)},
          {"audits", std::move(audits)},
          {"webhooks", std::move(webhooks)},
          {"counts", std::move(counts)},
          {"violation_count", shown.violation_count()},
          {"violations", std::move(violations)}};
}

}  // namespace canaryd::sim
