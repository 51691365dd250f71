#include "canaryd/async/both.hpp"
#include "canaryd/net/url.hpp"

#include <fmt/format.h>

#include "prometheus_answer.hpp"
#include "source_client.hpp"
#include "source_tasks.hpp"
#include <cmath>
#include <utility>

namespace canaryd::metrics {
namespace {

using told_number = result<std::optional<text::decimal>>;

std::string query_url(std::string_view base, std::string_view query, wall_time at) {
  if (base.ends_with('/'))
    base.remove_suffix(1);
  return fmt::format("{}/api/v1/query?query={}&time={:.3f}", base, net::percent_encode(query),
                     std::chrono::duration<double>{at.time_since_epoch()}.count());
}

async::task<told_number> ask_number(const prometheus_source& from, source_look look,
                                    const text_template& query) {
  const auto filled = query.fill(look.asked);
  if (!filled)
    co_return std::unexpected{in_name_of(look.name, filled.error())};
  const source_client client{look.name, from.access, look.random};
  time_left time{.left = look.asked.time};
  const auto body = co_await client.ask(query_url(from.url, *filled, look.asked.to), time);
  if (!body)
    co_return std::unexpected{body.error()};
  auto value = parse_prometheus(*body);
  if (!value)
    co_return std::unexpected{client.unusable(value.error(), *body)};
  co_return *value;
}

// Prometheus extrapolates, so that even what counts conversations is rarely a whole number.
measured as_it_is_or_rounded(std::string_view metric, std::optional<text::decimal> value) {
  if (value && is_count_metric(metric))
    value = std::round(double{*value});
  return within_bounds(metric, plain_value(value));
}

finding named(source_look look, std::string_view metric, measured told) {
  if (told)
    return *told;
  return std::unexpected{in_name_of(
      look.name, {.kind = fault::malformed, .text = fmt::format("{}: {}", metric, told.error())})};
}

async::task<finding> ask_rate(const prometheus_source& from, source_look look,
                              const prometheus_metric& queries, std::string_view metric) {
  const auto [part, whole] = co_await async::both(ask_number(from, look, queries.query),
                                                  ask_number(from, look, *queries.denominator));
  if (!part)
    co_return std::unexpected{part.error()};
  if (!whole)
    co_return std::unexpected{whole.error()};
  co_return named(look, metric, within_bounds(metric, rate_of(*part, *whole)));
}

async::task<finding> ask_value(const prometheus_source& from, source_look look,
                               const text_template& query, std::string_view metric) {
  const auto value = co_await ask_number(from, look, query);
  if (!value)
    co_return std::unexpected{value.error()};
  co_return named(look, metric, as_it_is_or_rounded(metric, *value));
}

}  // namespace

async::task<> read_prometheus(const prometheus_source& from, source_look look,
                              wanted_metric& wanted) {
  const auto& queries = std::get<prometheus_metric>(wanted.metric->from);
  const auto& name = wanted.metric->name;
  if (queries.denominator)
    wanted.found = co_await ask_rate(from, look, queries, name);
  else
    wanted.found = co_await ask_value(from, look, queries.query, name);
}

}  // namespace canaryd::metrics
