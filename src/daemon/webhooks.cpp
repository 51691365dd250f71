#include "canaryd/daemon/webhooks.hpp"

#include "canaryd/base/backoff.hpp"
#include "canaryd/daemon/tell/log.hpp"
#include "canaryd/net/url.hpp"
#include "canaryd/text/digest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace canaryd::daemon {
namespace {

constexpr std::int32_t tries_before_the_deploy = 3;
constexpr std::array<std::string_view, 2> completion_events{"deployment.canary.completed",
                                                            "deployment.canary.rolled_back"};

bool tells_all(const platform::webhook& hook) {
  return std::ranges::all_of(completion_events, [&](std::string_view event) {
    return std::ranges::find(hook.events, event) != hook.events.end();
  });
}

std::string loggable_url(const std::string& url) {
  const auto parsed = net::parse_url(url);
  return parsed ? net::loggable(*parsed) : std::string{"(not a URL)"};
}

}  // namespace

webhooks::webhooks(async::executor ex, platform::driver& platform, text::secret secret,
                   std::function<double()> random, std::function<void()> on_failure)
    : platform_{platform},
      secret_{std::move(secret)},
      random_{std::move(random)},
      background_{ex, std::move(on_failure)} {}

async::task<> webhooks::ensure(platform::target where, std::string url) {
  for (std::int32_t failures = 1;; ++failures) {
    const auto done = co_await register_once(where, url);
    if (done)
      co_return;
    log(severity::warning, topic::webhook_missing, "webhook not registered",
        {{"bot", where.bot_id},
         {"url", loggable_url(url)},
         {"error", done.error().text},
         {"then", failures < tries_before_the_deploy ? "retry" : "deploy, retry in background"}});
    if (failures == tries_before_the_deploy) {
      background_.spawn(keep_trying(std::move(where), std::move(url), done.error()));
      co_return;
    }
    co_await async::sleep_for(wait_after(done.error(), failures));
  }
}

async::task<> webhooks::keep_trying(platform::target where, std::string url, error last) {
  for (std::int32_t failures = tries_before_the_deploy;; ++failures) {
    const auto wait = retry_wait(last, failures, random_(), std::chrono::minutes{5});
    co_await async::sleep_for(std::max<duration>(wait, std::chrono::seconds{1}));
    const auto done = co_await register_once(where, url);
    if (done)
      co_return;
    last = done.error();
    log(severity::debug, topic::webhook_missing, "webhook still not registered",
        {{"bot", where.bot_id}, {"error", done.error().text}});
  }
}

duration webhooks::wait_after(const error& problem, std::int32_t failures) const {
  return retry_wait(problem, failures - 1, random_());
}

// Looks for the webhook before it registers one, because it may exist already, from an earlier run
// or after a lost answer.
async::task<result<void>> webhooks::register_once(const platform::target& where,
                                                  const std::string& url) {
  const auto listed = co_await platform_.list_webhooks(where);
  const bool unreadable = !listed && listed.error().kind == fault::refused;
  if (!listed && !unreadable)
    co_return std::unexpected{listed.error()};
  auto name = "canary_completion_" + where.bot_id;
  if (listed) {
    for (const auto& hook : *listed) {
      if (hook.url == url && tells_all(hook))
        co_return result<void>{};
      if (hook.name == name && hook.url != url)
        name = fmt::format("canary_completion_{}_{}", where.bot_id,
                           text::sha256_hex(url).substr(0, 8));
    }
  }
  co_return co_await add(where, std::move(name), url);
}

async::task<result<void>> webhooks::add(const platform::target& where, std::string name,
                                        const std::string& url) {
  platform::webhook hook{std::move(name), url, {}};
  hook.events.assign(completion_events.begin(), completion_events.end());
  const auto key = "webhook-" + text::sha256_hex(hook.name + "\n" + url).substr(0, 32);
  const auto done =
      co_await platform_.register_webhook(where, hook, std::string{secret_.reveal()}, key);
  if (done) {
    log(severity::info, topic::webhook, "webhook registered",
        {{"bot", where.bot_id}, {"name", hook.name}, {"url", loggable_url(url)}});
    co_return done;
  }
  if (done.error().status == 409)
    co_return result<void>{};
  co_return done;
}

}  // namespace canaryd::daemon
