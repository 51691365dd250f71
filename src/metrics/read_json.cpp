#include "canaryd/platform/json_answer.hpp"

#include <fmt/format.h>

#include "json_source.hpp"
#include "source_client.hpp"
#include "source_tasks.hpp"
#include <utility>

namespace canaryd::metrics {

async::task<> read_json(const json_source& from, source_look look, wanted_metrics wanted) {
  const auto url = from.url.fill(look.asked);
  if (!url)
    co_return fail_all(wanted, in_name_of(look.name, url.error()));
  const source_client client{look.name, from.access, look.random};
  time_left time{.left = look.asked.time};
  const auto body = co_await client.ask(*url, time);
  if (!body)
    co_return fail_all(wanted, body.error());
  platform::json_answer answer{*body};
  for (auto* one : wanted) {
    const auto& [value, count] = std::get<json_metric>(one->metric->from);
    auto told = within_bounds(one->metric->name, read_json_source(answer, value, count));
    if (told)
      one->found = *told;
    else
      one->found = std::unexpected{
          client.unusable(fmt::format("{}: {}", one->metric->name, told.error()), *body)};
  }
}

}  // namespace canaryd::metrics
