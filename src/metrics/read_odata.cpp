#include "canaryd/async/both.hpp"

#include <fmt/format.h>

#include "odata_tally.hpp"
#include "odata_walk.hpp"
#include "source_client.hpp"
#include "source_tasks.hpp"
#include <algorithm>
#include <utility>

namespace canaryd::metrics {
namespace {

bool is_of_sessions(const wanted_metric& wanted) {
  switch (std::get<odata_metric>(wanted.metric->from).figure) {
    case odata_figure::conversation_count:
    case odata_figure::satisfaction_score:
    case odata_figure::satisfaction_count:
    case odata_figure::handover_rate:
      return true;
    case odata_figure::avg_latency_ms:
    case odata_figure::slow_rate:
    case odata_figure::word_rate:
      break;
  }
  return false;
}

wanted_metrics those_of(const wanted_metrics& wanted, odata_collection collection) {
  wanted_metrics chosen;
  for (auto* one : wanted) {
    if (is_of_sessions(*one) == (collection == odata_collection::sessions))
      chosen.push_back(one);
  }
  return chosen;
}

odata_query make_query(const odata_source& from, const arm_query& asked,
                       odata_collection collection) {
  std::string_view url = from.url;
  if (url.ends_with('/'))
    url.remove_suffix(1);
  return {.base_url = std::string{url},
          .collection = collection,
          .key = from.key,
          .endpoint_token = asked.endpoint_token,
          .snapshot_id = asked.snapshot_id,
          .from = asked.from,
          .to = asked.to,
          .quoted_dates = from.quoted_dates};
}

// Asks for all pages, of which the walk's visitor adds up the records.
async::task<result<void>> walk_pages(const odata_source& from, source_look look, odata_walk& walk) {
  const source_client client{look.name, from.access, look.random};
  time_left time{.left = look.asked.time};
  for (bool goes_on = true; goes_on;) {
    const auto body = co_await client.ask(walk.url(), time, on_500::tell);
    if (!body && body.error().status == 500 && walk.take_500())
      continue;
    if (!body)
      co_return std::unexpected{body.error()};
    const auto taken = walk.take_page(*body);
    if (!taken)
      co_return std::unexpected{client.unusable(taken.error(), *body)};
    goes_on = *taken;
  }
  co_return result<void>{};
}

void settle(wanted_metric& wanted, std::string_view source, measured told) {
  told = within_bounds(wanted.metric->name, std::move(told));
  if (told)
    wanted.found = *told;
  else
    wanted.found = std::unexpected{
        in_name_of(source, {.kind = fault::malformed,
                            .text = fmt::format("{}: {}", wanted.metric->name, told.error())})};
}

measured figure_of(const session_tally& sessions, odata_figure figure) {
  switch (figure) {
    case odata_figure::satisfaction_score:
      return sessions.satisfaction();
    case odata_figure::satisfaction_count:
      return sessions.satisfaction_count();
    case odata_figure::handover_rate:
      return sessions.handover_rate();
    default:
      return sessions.conversation_count();
  }
}

async::task<> read_sessions(const odata_source& from, source_look look, wanted_metrics wanted) {
  if (wanted.empty())
    co_return;
  session_tally sessions;
  odata_walk walk{make_query(from, look.asked, odata_collection::sessions),
                  [&sessions](auto& answer, const auto& record) { sessions.add(answer, record); }};
  const auto done = co_await walk_pages(from, look, walk);
  if (!done)
    co_return fail_all(wanted, done.error());
  for (auto* one : wanted)
    settle(*one, look.name, figure_of(sessions, std::get<odata_metric>(one->metric->from).figure));
}

// The words in the order of the metrics that count them.
std::vector<written_word> words_of(const wanted_metrics& wanted) {
  std::vector<written_word> words;
  for (const auto* one : wanted) {
    const auto& metric = std::get<odata_metric>(one->metric->from);
    if (metric.figure == odata_figure::word_rate)
      words.push_back({.field = metric.field, .word = metric.word});
  }
  return words;
}

async::task<> read_analytics(const odata_source& from, source_look look, wanted_metrics wanted) {
  if (wanted.empty())
    co_return;
  const auto words = words_of(wanted);
  auto query = make_query(from, look.asked, odata_collection::analytics);
  for (const auto& word : words) {
    if (std::ranges::find(query.further_fields, word.field) == query.further_fields.end())
      query.further_fields.push_back(word.field);
  }
  analytics_tally analytics{words};
  odata_walk walk{std::move(query), [&analytics](auto& answer, const auto& record) {
                    analytics.add(answer, record);
                  }};
  const auto done = co_await walk_pages(from, look, walk);
  if (!done)
    co_return fail_all(wanted, done.error());
  std::size_t word = 0;
  for (auto* one : wanted) {
    const auto& metric = std::get<odata_metric>(one->metric->from);
    if (metric.figure == odata_figure::word_rate)
      settle(*one, look.name, analytics.word_rate(word++));
    else if (metric.figure == odata_figure::slow_rate)
      settle(*one, look.name, analytics.slow_rate(metric.above_ms));
    else
      settle(*one, look.name, analytics.latency_ms());
  }
}

}  // namespace

async::task<> read_odata(const odata_source& from, source_look look, wanted_metrics wanted) {
  if (look.asked.endpoint_token.empty()) {
    auto text = fmt::format("the {} arm has no endpoint", look.asked.arm);
    co_return fail_all(wanted,
                       in_name_of(look.name, {.kind = fault::refused, .text = std::move(text)}));
  }
  co_await async::join_both(
      read_sessions(from, look, those_of(wanted, odata_collection::sessions)),
      read_analytics(from, look, those_of(wanted, odata_collection::analytics)));
}

}  // namespace canaryd::metrics
