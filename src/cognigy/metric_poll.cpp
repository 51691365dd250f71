// platform::poll: the attempts of one poll, its time, and its fallback.

#include "canaryd/cognigy/platform.hpp"
#include "canaryd/core/backoff.hpp"

#include <fmt/format.h>

#include <utility>

namespace canaryd::cognigy {
namespace {

constexpr int most_attempts = 3;

bool is_worth_repeating(core::fault kind) {
  return kind == core::fault::unreachable || kind == core::fault::lost ||
         kind == core::fault::try_again || kind == core::fault::malformed;
}

bool is_complete(const core::metrics_sample& sample) {
  return sample.error_rate && sample.satisfaction_score && sample.avg_latency_ms &&
         sample.conversation_count;
}

template <class T>
bool fill_gap(std::optional<T>& gap, const std::optional<T>& filling) {
  if (gap || !filling)
    return false;
  gap = filling;
  return true;
}

core::sourced_sample merge(core::metrics_sample primary, const core::metrics_sample& fallback) {
  bool merged = fill_gap(primary.error_rate, fallback.error_rate);
  merged |= fill_gap(primary.satisfaction_score, fallback.satisfaction_score);
  merged |= fill_gap(primary.avg_latency_ms, fallback.avg_latency_ms);
  merged |= fill_gap(primary.conversation_count, fallback.conversation_count);
  return {.sample = primary,
          .source = merged ? core::metrics_source::merged : core::metrics_source::primary};
}

core::result<core::sourced_sample> combine(core::result<core::metrics_sample> primary,
                                           const core::result<core::metrics_sample>& fallback) {
  if (primary && fallback)
    return merge(*primary, *fallback);
  if (primary)
    return core::sourced_sample{.sample = *primary};
  if (fallback)
    return core::sourced_sample{.sample = *fallback, .source = core::metrics_source::fallback};
  auto problem = std::move(primary).error();
  problem.text += fmt::format("; fallback: {}", fallback.error().text);
  return std::unexpected{std::move(problem)};
}

}  // namespace

platform::outgoing platform::make_metrics_read(const target& where, const metrics_query& query,
                                               std::string url) const {
  append_query(url, "botId", where.bot_id);
  append_query(url, "window", window_text(query.window, options_.window_unit));
  append_query(url, "metricType", "canary");
  auto what = make_read(call::metrics, priority::poll, url);
  what.on_sent = query.on_sent;
  return what;
}

async::task<core::result<core::sourced_sample>> platform::poll(const target& where,
                                                               metrics_query query) {
  const bool has_fallback = !options_.fallback_metrics_url.empty();
  time_limit limit{.end = query.next_due};
  if (limit.end <= limit.begun)
    co_return std::unexpected{out_of_time(call::metrics)};
  if (has_fallback)
    limit.end -= (query.next_due - limit.begun) / 3;

  auto primary = co_await poll_primary(where, query, limit);
  const bool needs_fallback = primary ? !is_complete(*primary) : limit.sent > 0;
  if (!has_fallback || !needs_fallback) {
    if (!primary)
      co_return std::unexpected{std::move(primary).error()};
    co_return core::sourced_sample{.sample = *primary};
  }
  limit.end = query.next_due + limit.lateness;
  const auto fallback = co_await poll_fallback(where, query, limit);
  co_return combine(std::move(primary), fallback);
}

async::task<core::result<core::metrics_sample>> platform::poll_primary(const target& where,
                                                                       const metrics_query& query,
                                                                       time_limit& limit) {
  const auto what = make_metrics_read(where, query, url_of(call::metrics, where));
  core::result<core::metrics_sample> last = std::unexpected{core::error{}};
  for (int failures = 0; failures < most_attempts; ++failures) {
    const int sent_before = limit.sent;
    const auto answer = co_await perform(what, limit);
    // An attempt that did not go out for lack of time tells less than the one before.
    if (failures > 0 && limit.sent == sent_before)
      break;
    last = decode(what, answer, parse_metrics);
    if (last || !is_worth_repeating(last.error().kind))
      break;
    const auto next = async::clock::now() + core::retry_wait(last.error(), failures, random_());
    if (next >= limit.end)
      break;
    if (failures + 1 < most_attempts)
      co_await async::sleep_until(next);
  }
  co_return last;
}

// A single attempt, with the token there is: a 401 of another server says nothing of the token.
async::task<core::result<core::metrics_sample>> platform::poll_fallback(const target& where,
                                                                        const metrics_query& query,
                                                                        time_limit& limit) {
  const auto what = make_metrics_read(where, query, options_.fallback_metrics_url);
  if (!what.message)
    co_return std::unexpected{what.message.error()};
  const auto cleared = co_await clear(what.which, what.rank, limit);
  if (!cleared)
    co_return std::unexpected{cleared.error()};
  const auto answer = co_await send_once(what, *cleared, limit);
  co_return decode(what, answer, parse_metrics);
}

}  // namespace canaryd::cognigy
