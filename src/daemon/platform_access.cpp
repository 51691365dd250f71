#include "canaryd/daemon/platform_access.hpp"

#include "canaryd/async/wakeup.hpp"
#include "canaryd/daemon/options.hpp"
#include "canaryd/daemon/tell/log.hpp"
#include "canaryd/platform/budget/rate_budget.hpp"
#include "canaryd/platform/deployments/deployments_driver.hpp"

#include <fmt/format.h>

#include <optional>
#include <string_view>
#include <utility>

namespace canaryd::daemon {
namespace {

constexpr std::chrono::seconds token_retry_interval{30};
// Most requests for a token are answered within this time.
constexpr std::chrono::seconds token_settles_within{1};

platform::deployments::driver_options make_driver_options(const platform_config& from) {
  return {.calls = from.calls,
          .scopes = from.scopes,
          .window_unit = from.window_unit,
          .fallback_metrics_url = from.fallback_metrics_url,
          .fallback_budget = make_budget_options(from),
          .request_timeout = from.request_timeout};
}

// Adds the platform's name to the text, unless it is the platform of `api`.
std::string behind(std::string_view text, const std::string& platform) {
  if (platform == job::default_platform)
    return std::string{text};
  return fmt::format("{} (platform {})", text, platform);
}

}  // namespace

struct platform_access::way {
  way(const std::string& platform_name, const platform_surroundings& around,
      const platform_config& settings, const platform_secrets& keys, net::transport& transport)
      : name{platform_name},
        budget{around.ex, make_budget_options(settings, around.budget_begins_used_up)},
        tokens{around.ex, make_token_options(settings, keys), transport, budget, around.random},
        driver{around.ex, make_driver_options(settings), transport, tokens, budget, around.random},
        hooks{around.ex, driver, keys.webhook_secret.value_or(text::secret{}), around.random,
              around.on_failure},
        records{driver},
        credentials_bell{around.ex} {}

  bool has_proven_credentials() const {
    const auto obtained = tokens.obtained_at();
    return obtained && *obtained >= credentials_changed_at;
  }

  // Asks for a token until the present credentials have brought one, so that a wrong secret shows
  // at the start or at a reload, and not with the first job. Runs until it is cancelled.
  async::task<> hold_token();

  std::string name;
  platform::rate_budget budget;
  platform::token_source tokens;
  platform::deployments::deployments_driver driver;
  webhooks hooks;
  audit_api records;
  // It rings when the credentials may have changed.
  async::wakeup credentials_bell;
  instant credentials_changed_at = instant::min();
};

async::task<> platform_access::way::hold_token() {
  for (bool is_told = false;;) {
    const auto token = co_await tokens.get(platform::priority::poll);
    const bool is_proven = token && has_proven_credentials();
    const auto trouble = token ? tokens.trouble() : token.error().text;
    if (is_proven && is_told)
      log(severity::info, topic::token, behind("an access token was obtained", name));
    if (!is_proven && !is_told && !trouble.empty())
      log(severity::error, topic::token, behind("there is no access token, trying again", name),
          {{"error", trouble}});
    is_told = !is_proven && (is_told || !trouble.empty());
    auto until = instant::max();
    if (!is_proven)
      until = async::clock::now() + (trouble.empty() ? token_settles_within : token_retry_interval);
    co_await credentials_bell.wait(until);
  }
}

platform_access::platform_access(std::string name, const platform_surroundings& around)
    : name_{std::move(name)},
      around_{around},
      missing_{name_},
      pace_{[this] { return capacity(); }},
      tasks_{around.ex, around.on_failure} {}

platform_access::~platform_access() = default;

void platform_access::configure(const platform_config& settings, const platform_secrets& keys,
                                net::transport& transport) {
  base_url_ = settings.base_url;
  if (way_) {
    way_->budget.reconfigure(make_budget_options(settings));
    auto credentials = make_token_options(settings, keys);
    if (credentials != way_->tokens.options())
      way_->credentials_changed_at = async::clock::now();
    way_->tokens.reconfigure(std::move(credentials));
    way_->driver.reconfigure(make_driver_options(settings));
    way_->hooks.reconfigure(keys.webhook_secret.value_or(text::secret{}));
    way_->credentials_bell.ring();
    return;
  }
  way_ = std::make_unique<way>(name_, around_, settings, keys, transport);
  auto& measures = around_.measures.of(name_);
  const platform::call_observer observer = [this, &measures](platform::call which, int status,
                                                             duration took) {
    health_.note(status, async::clock::wall_now());
    measures.note_call(which, status, took);
  };
  way_->tokens.observe_calls(observer);
  way_->driver.observe_calls(observer);
  way_->driver.observe_oddities([this](const platform::target& about, const std::string& text) {
    log(severity::warning, topic::provider, behind(text, name_),
        {{"bot", about.bot_id}, {"environment", about.environment_id}});
  });
  way_->budget.observe_waits([&measures](duration waited) { measures.note_wait(waited); });
  if (is_started_)
    run_by_itself();
}

void platform_access::start() {
  is_started_ = true;
  if (way_)
    run_by_itself();
}

void platform_access::run_by_itself() {
  if (way_->driver.can().needs_token)
    tasks_.spawn(way_->hold_token());
}

platform::driver& platform_access::driver() {
  if (way_)
    return way_->driver;
  return missing_;
}

const platform::driver& platform_access::driver() const {
  if (way_)
    return way_->driver;
  return missing_;
}

webhooks& platform_access::hooks() {
  return way_->hooks;
}

bool platform_access::takes_records() const {
  return !way_ || way_->driver.can().takes_audit_records;
}

delivery::sink& platform_access::records() {
  return way_->records;
}

poll_capacity platform_access::capacity() const {
  if (!way_)
    return {};
  return {.by_rate = way_->budget.polls_per_second(),
          .by_connections = way_->budget.polls_per_second_by_connections(),
          .answer = way_->driver.typical_poll()};
}

std::string platform_access::token_trouble() const {
  return !way_ || way_->has_proven_credentials() ? std::string{} : way_->tokens.trouble();
}

platform::token_source::totals platform_access::token_counts() const {
  return way_ ? way_->tokens.counts() : platform::token_source::totals{};
}

std::string platform_access::client_id() const {
  return way_ ? way_->tokens.options().client_id : std::string{};
}

platform_status platform_access::status() const {
  platform_status present{.api = health_.text(), .stretch = pace_.stretch()};
  if (!way_)
    return present;
  present.requests_per_second = way_->budget.polls_per_second();
  present.waiting_calls = way_->budget.waiting();
  if (const auto obtained = way_->tokens.obtained_at())
    present.token_age = async::clock::now() - *obtained;
  return present;
}

void platform_access::cancel() {
  tasks_.cancel();
  if (way_)
    way_->hooks.cancel();
}

async::task<> platform_access::join() {
  co_await tasks_.join();
  if (way_)
    co_await way_->hooks.join();
}

async::task<> platform_access::end_token() {
  if (!way_)
    co_return;
  way_->tokens.cancel();
  co_await way_->tokens.join();
}

}  // namespace canaryd::daemon
