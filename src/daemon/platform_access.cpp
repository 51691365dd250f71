#include "canaryd/daemon/platform_access.hpp"

#include "canaryd/daemon/options.hpp"
#include "canaryd/daemon/tell/log.hpp"
#include "canaryd/platform/deployments/deployments_driver.hpp"

#include <utility>

namespace canaryd::daemon {
namespace {

constexpr std::chrono::seconds token_retry_interval{30};
// Most requests for one are answered by then.
constexpr std::chrono::seconds token_settles_within{1};

platform::deployments::driver_options make_driver_options(const platform_config& from) {
  return {.calls = from.calls,
          .scopes = from.scopes,
          .window_unit = from.window_unit,
          .fallback_metrics_url = from.fallback_metrics_url,
          .fallback_budget = make_budget_options(from),
          .request_timeout = from.request_timeout};
}

}  // namespace

platform_access::platform_access(async::executor ex, const platform_config& settings,
                                 const secrets& keys, net::transport& transport, metrics& measures,
                                 std::function<double()> random, std::function<void()> on_failure)
    : budget_{ex, make_budget_options(settings)},
      tokens_{ex, make_token_options(settings, keys), transport, budget_, random},
      driver_{std::make_unique<driver_type>(ex, make_driver_options(settings), transport, tokens_,
                                            budget_, random)},
      pace_{[this] {
        return poll_capacity{.by_rate = budget_.polls_per_second(),
                             .by_connections = budget_.polls_per_second_by_connections(),
                             .answer = driver_->typical_poll()};
      }},
      hooks_{ex, *driver_, keys.webhook_secret.value_or(text::secret{}), random,
             std::move(on_failure)},
      credentials_bell_{ex} {
  observe(measures);
}

platform_access::~platform_access() = default;

platform::driver& platform_access::driver() {
  return *driver_;
}

const platform::driver& platform_access::driver() const {
  return *driver_;
}

void platform_access::observe(metrics& measures) {
  const platform::call_observer observer = [this, &measures](platform::call which, int status,
                                                             duration took) {
    health_.note(status, async::clock::wall_now());
    measures.note_call(which, status, took);
  };
  tokens_.observe_calls(observer);
  driver_->observe_calls(observer);
  driver_->observe_oddities([](const platform::target& about, const std::string& text) {
    log(severity::warning, topic::provider, text,
        {{"bot", about.bot_id}, {"environment", about.environment_id}});
  });
  budget_.observe_waits([&measures](duration waited) { measures.note_wait(waited); });
}

void platform_access::reconfigure(const platform_config& settings, const secrets& keys) {
  budget_.reconfigure(make_budget_options(settings));
  auto credentials = make_token_options(settings, keys);
  if (credentials != tokens_.options())
    credentials_changed_at_ = async::clock::now();
  tokens_.reconfigure(std::move(credentials));
  driver_->reconfigure(make_driver_options(settings));
  hooks_.reconfigure(keys.webhook_secret.value_or(text::secret{}));
  credentials_bell_.ring();
}

async::task<> platform_access::hold_token() {
  for (bool is_told = false;;) {
    const auto token = co_await tokens_.get(platform::priority::poll);
    const bool is_proven = token && has_proven_credentials();
    const auto trouble = token ? tokens_.trouble() : token.error().text;
    if (is_proven && is_told)
      log(severity::info, topic::token, "an access token was obtained");
    if (!is_proven && !is_told && !trouble.empty())
      log(severity::error, topic::token, "there is no access token, trying again",
          {{"error", trouble}});
    is_told = !is_proven && (is_told || !trouble.empty());
    auto until = instant::max();
    if (!is_proven)
      until = async::clock::now() + (trouble.empty() ? token_settles_within : token_retry_interval);
    co_await credentials_bell_.wait(until);
  }
}

std::string platform_access::token_trouble() const {
  return has_proven_credentials() ? std::string{} : tokens_.trouble();
}

bool platform_access::has_proven_credentials() const {
  const auto obtained = tokens_.obtained_at();
  return obtained && *obtained >= credentials_changed_at_;
}

async::task<> platform_access::end_token() {
  tokens_.cancel();
  return tokens_.join();
}

}  // namespace canaryd::daemon
