#include <fmt/format.h>

#include "source_client.hpp"
#include "source_tasks.hpp"
#include <utility>

namespace canaryd::metrics {

async::task<> read_splitter(const splitter_source& from, source_look look, wanted_metrics wanted,
                            std::map<std::string, counter_history>& histories) {
  const auto backend = from.backend_of(look.asked);
  if (backend.empty()) {
    auto text = fmt::format("no backend is configured for the {} arm", look.asked.arm);
    co_return fail_all(wanted,
                       in_name_of(look.name, {.kind = fault::refused, .text = std::move(text)}));
  }
  auto counters = co_await from.splitter->read_counters(backend);
  if (!counters)
    co_return fail_all(wanted, in_name_of(look.name, std::move(counters).error()));
  const auto now = async::clock::now();
  auto& history = histories[backend];
  history.add(now, *std::move(counters));
  const auto told = error_rate_of(history.counted_since(now - (look.asked.to - look.asked.from)));
  for (auto* one : wanted)
    one->found = told.value_or(std::nullopt);
}

}  // namespace canaryd::metrics
