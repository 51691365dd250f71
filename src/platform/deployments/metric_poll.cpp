// Makes the attempts of one poll, keeps its time, and asks the fallback (deployments_driver::poll).

#include "canaryd/base/backoff.hpp"
#include "canaryd/metrics/sample_merge.hpp"
#include "canaryd/platform/deployments/deployments_driver.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace canaryd::platform::deployments {
namespace {

// The requests of one poll. If there is a fallback, the last of them is kept for it.
constexpr int most_requests = 3;

bool is_worth_repeating(fault kind) {
  return kind == fault::unreachable || kind == fault::lost || kind == fault::try_again ||
         kind == fault::malformed;
}

std::optional<job::whole_units> counted_units(const metrics_query& query, char unit) {
  if (!query.counted_from)
    return std::nullopt;
  return job::whole_units{.from = *query.counted_from, .unit = length_of(unit)};
}

auto parse_for(const metrics_query& query) {
  return [&query](std::string_view body) { return parse_metrics(body, query.further); };
}

result<judge::sourced_sample> as_primary(result<judge::metrics_sample> told) {
  if (!told)
    return std::unexpected{std::move(told).error()};
  return judge::sourced_sample{.sample = *std::move(told)};
}

result<judge::sourced_sample> combine(result<judge::metrics_sample> primary,
                                      const result<judge::metrics_sample>& fallback,
                                      bool are_counted) {
  if (primary && fallback)
    return metrics::merge(*std::move(primary), *fallback, are_counted);
  if (primary)
    return as_primary(std::move(primary));
  if (fallback)
    return judge::sourced_sample{.sample = *fallback, .source = judge::metrics_source::fallback};
  auto problem = std::move(primary).error();
  problem.text += fmt::format("; fallback: {}", fallback.error().text);
  return std::unexpected{std::move(problem)};
}

}  // namespace

deployments_driver::outgoing deployments_driver::make_metrics_read(const target& where,
                                                                   const metrics_query& query,
                                                                   const result<std::string>& url,
                                                                   duration& window) const {
  auto what = make_read(call::metrics, priority::poll, url);
  what.on_sent = query.on_sent;
  what.counted = counted_units(query, options_.window_unit);
  what.complete = [&where, &query, &window, counted = what.counted,
                   unit = options_.window_unit](net::request& message) {
    window = counted ? job::ended_units(*counted, async::clock::now()) : query.window;
    append_query(message.target.target, "botId", where.bot_id);
    append_query(message.target.target, "window", window_text(window, unit));
    append_query(message.target.target, "metricType",
                 query.of == arm::canary ? "canary" : "stable");
  };
  return what;
}

async::task<poll_answer> deployments_driver::poll(const target& where, metrics_query query) {
  const bool has_fallback = !options_.fallback_metrics_url.empty();
  const auto counted = counted_units(query, options_.window_unit);
  const auto begun = async::clock::now();
  const auto begins = counted ? job::next_chance(*counted, begun) : begun;
  auto window = counted ? job::ended_units(*counted, begins) : query.window;
  const auto for_fallback = has_fallback ? query.time / 3 : duration::zero();
  time_limit limit{.time = query.time - for_fallback,
                   .request_time = query.request_time,
                   .longest_answer = std::min(read_times_.longest(), options_.request_timeout),
                   .most_sent = has_fallback ? most_requests - 1 : most_requests};

  auto primary = co_await poll_primary(where, query, limit, window);
  // A sample belongs to the time when it was asked for. A failure belongs to the whole poll.
  auto asked_at = primary ? limit.sent_at : limit.sent > 0 ? limit.first_sent_at : begun;
  const bool needs_fallback =
      primary ? !metrics::is_complete(*primary, query.further) : limit.cleared > 0;
  if (!has_fallback || !needs_fallback)
    co_return poll_answer{as_primary(std::move(primary)), window, asked_at};
  limit.end = std::max(limit.end, async::clock::now()) + for_fallback;
  limit.most_sent = most_requests;
  auto fallback_window = window;
  const auto fallback = co_await poll_fallback(where, query, limit, fallback_window);
  const bool is_of_primary = primary.has_value();
  if (!is_of_primary && fallback)
    asked_at = limit.sent_at;
  co_return poll_answer{combine(std::move(primary), fallback, counted.has_value()),
                        is_of_primary ? window : fallback_window, asked_at};
}

deployments_driver::sample_task deployments_driver::poll_primary(const target& where,
                                                                 const metrics_query& query,
                                                                 time_limit& limit,
                                                                 duration& window) {
  const auto what = make_metrics_read(where, query, url_of(call::metrics, where), window);
  result<judge::metrics_sample> last = std::unexpected{error{}};
  for (int failures = 0; failures < most_requests && limit.sent < limit.most_sent; ++failures) {
    const int cleared_before = limit.cleared;
    const auto answer = co_await perform(what, limit);
    // If there was no time left for this attempt, the error of the one before says more.
    if (failures > 0 && limit.cleared == cleared_before)
      break;
    last = decode(what, answer, parse_for(query));
    if (last || !is_worth_repeating(last.error().kind))
      break;
    const auto next = async::clock::now() + retry_wait(last.error(), failures, random_(),
                                                       longest_backoff, longest_hold_up);
    if (limit.sent >= limit.most_sent || next >= limit.end)
      break;
    co_await async::sleep_until(next);
  }
  co_return last;
}

// Makes a single attempt without a token, because another server must not get it.
deployments_driver::sample_task deployments_driver::poll_fallback(const target& where,
                                                                  const metrics_query& query,
                                                                  time_limit& limit,
                                                                  duration& window) {
  auto what = make_metrics_read(where, query, options_.fallback_metrics_url, window);
  what.to = server::fallback;
  if (!what.message)
    co_return std::unexpected{what.message.error()};
  const auto cleared = co_await clear(what, limit);
  if (!cleared)
    co_return std::unexpected{cleared.error()};
  const auto answer = co_await send_once(what, *cleared, limit);
  co_return decode(what, answer, parse_for(query));
}

}  // namespace canaryd::platform::deployments
