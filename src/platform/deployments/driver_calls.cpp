#include "canaryd/net/url.hpp"
#include "canaryd/platform/deployments/deployments_driver.hpp"
#include "canaryd/platform/request_headers.hpp"

#include <fmt/format.h>

#include <utility>

namespace canaryd::platform::deployments {
namespace {

result<net::request> make_request(std::string method, const std::string& url) {
  auto address = net::parse_url(url);
  if (!address)
    return std::unexpected{std::move(address).error()};
  net::request message;
  message.method = std::move(method);
  message.target = *std::move(address);
  add_common_headers(message);
  return message;
}

}  // namespace

result<std::string> deployments_driver::url_of(call which, const target& where,
                                               std::string_view id) const {
  const call_subject subject{.bot_id = where.bot_id,
                             .environment_id = where.environment_id,
                             .version = where.version,
                             .deployment_id = id};
  const std::string_view path = options_.calls[which].path;
  if (const auto lost = find_lost_segment(path, subject))
    return failure(fault::refused,
                   fmt::format("{}: the request was not sent, because a {} that is empty, \".\" or "
                               "\"..\" cannot be part of a path",
                               to_string(which), *lost));
  std::string url = where.base_url;
  if (url.ends_with('/'))
    url.pop_back();
  return url + fill(path, subject);
}

deployments_driver::outgoing deployments_driver::make_read(call which, priority rank,
                                                           const result<std::string>& url) const {
  return {.which = which,
          .rank = rank,
          .message =
              url ? make_request(options_.calls[which].method, *url) : std::unexpected{url.error()},
          .hidden = {}};
}

deployments_driver::outgoing deployments_driver::make_write(call which, priority rank,
                                                            const result<std::string>& url,
                                                            std::string key,
                                                            std::string body) const {
  auto what = make_read(which, rank, url);
  if (!what.message)
    return what;
  what.key = key;
  add_header(*what.message, "Content-Type", "application/json");
  add_header(*what.message, "Idempotency-Key", std::move(key));
  what.message->body = std::move(body);
  return what;
}

async::task<result<canary::deployment>> deployments_driver::get_deployment(const target& where,
                                                                           std::string id,
                                                                           priority rank) {
  const auto what = make_read(call::get_deployment, rank, url_of(call::get_deployment, where, id));
  const auto answer = co_await perform(what);
  auto found = decode(what, answer, parse_deployment);
  if (!found)
    co_return found;
  if (found->id.empty())
    found->id = id;
  if (found->id != id)
    co_return std::unexpected{unusable_body(what.which, "it is about another deployment",
                                            answer->body, context_of(what, answer->token))};
  co_return found;
}

async::task<result<std::string>> deployments_driver::deploy(const target& where,
                                                            const job::job& job, std::string key) {
  auto what = make_write(call::deploy, priority::deploy, url_of(call::deploy, where),
                         std::move(key), deploy_body(job));
  if (what.message) {
    add_header(*what.message, "X-Deployment-Type", "canary");
    add_header(*what.message, "X-Format-Verification", "strict");
  }
  const auto answer = co_await perform(what);
  co_return decode(what, answer, parse_deployed);
}

async::task<result<void>> deployments_driver::change_traffic(const target& where, std::string id,
                                                             double canary_percent, std::string key,
                                                             priority rank) {
  co_return co_await write(make_write(call::change_traffic, rank,
                                      url_of(call::change_traffic, where, id), std::move(key),
                                      traffic_body(canary_percent)));
}

async::task<result<void>> deployments_driver::rollback(const target& where, std::string id,
                                                       std::string reason,
                                                       judge::metrics_sample metrics,
                                                       std::string key, priority rank,
                                                       std::function<void()> on_sent) {
  auto what = make_write(call::rollback, rank, url_of(call::rollback, where, id), std::move(key),
                         rollback_body(reason, metrics));
  what.on_sent = std::move(on_sent);
  co_return co_await write(std::move(what));
}

async::task<result<void>> deployments_driver::promote(const target& where, std::string id,
                                                      judge::metrics_sample metrics,
                                                      std::string key) {
  co_return co_await write(make_write(call::promote, priority::change,
                                      url_of(call::promote, where, id), std::move(key),
                                      promote_body(metrics)));
}

async::task<result<void>> deployments_driver::register_webhook(const target& where, webhook hook,
                                                               std::string secret,
                                                               std::string key) {
  auto what =
      make_write(call::register_webhook, priority::record, url_of(call::register_webhook, where),
                 std::move(key), webhook_body(hook, secret));
  what.hidden = text::secret{std::move(secret)};
  time_limit unlimited;
  const auto answer = co_await perform(what, unlimited);
  if (what.message)
    text::wipe(what.message->body);
  if (!answer)
    co_return std::unexpected{answer.error()};
  co_return result<void>{};
}

async::task<result<void>> deployments_driver::audit(const target& where,
                                                    canary::audit_record record) {
  co_return co_await write(make_write(call::audit, priority::record, url_of(call::audit, where),
                                      record.record_id, audit_body(record)));
}

}  // namespace canaryd::platform::deployments
