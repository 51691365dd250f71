#include "canaryd/daemon/online_check.hpp"

#include "canaryd/async/task_group.hpp"
#include "canaryd/async/wakeup.hpp"
#include "canaryd/text/duration_text.hpp"

#include <fmt/format.h>

#include <optional>
#include <utility>

namespace canaryd::daemon {
namespace {

using check_outcome = std::optional<result<void>>;

async::task<> ask_into(platform::driver& asked, check_outcome& outcome, async::wakeup& bell) {
  outcome = co_await asked.check();
  bell.ring();
}

async::task<> wait_for(const check_outcome& outcome, async::wakeup& bell, instant deadline) {
  while (!outcome && async::clock::now() < deadline)
    co_await bell.wait(deadline);
}

async::task<> ask_within(duration limit, platform::driver& asked, result<void>& outcome) {
  const auto ex = co_await boost::asio::this_coro::executor;
  async::wakeup bell{ex};
  async::task_group asking{ex};
  check_outcome answer;
  asking.spawn(ask_into(asked, answer, bell));
  co_await async::run_and_join(asking, wait_for(answer, bell, async::clock::now() + limit));
  outcome = answer.value_or(failure(
      fault::unreachable, fmt::format("no answer within {}", text::format_duration(limit))));
}

bool can_be_asked(const platform_secrets& keys) {
  return !keys.client_id.empty() && !keys.client_secret.empty();
}

}  // namespace

async::task<std::vector<platform_report>> check_platforms(const config& settings,
                                                          const secrets& keys,
                                                          platforms::transport_source transports,
                                                          std::function<double()> random) {
  const auto ex = co_await boost::asio::this_coro::executor;
  constexpr std::size_t no_job_series = 0;
  metrics measures{no_job_series};
  platforms all{settings,
                keys,
                std::move(transports),
                {.ex = ex,
                 .measures = measures,
                 .random = std::move(random),
                 .on_failure = {},
                 .budget_begins_used_up = false}};
  async::task_group asking{ex};
  std::vector<platform_report> reports;
  // The tasks have references to its elements.
  reports.reserve(settings.platforms.size());
  for (auto* each : all.configured()) {
    auto& report = reports.emplace_back(each->name());
    const auto& of = settings.platforms.at(report.platform);
    if (can_be_asked(keys.platforms.at(report.platform)))
      asking.spawn(
          ask_within(of.connect_timeout + of.request_timeout, each->driver(), report.outcome));
    else
      report.outcome = failure(fault::system, "its credentials cannot be read here");
  }
  co_await asking.join();
  all.cancel();
  co_await all.join();
  co_await all.end_tokens();
  co_return reports;
}

std::string describe(const platform_report& report) {
  return fmt::format("{}: {}", report.platform,
                     report.outcome ? "ok" : report.outcome.error().text);
}

}  // namespace canaryd::daemon
