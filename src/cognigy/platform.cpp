#include "canaryd/cognigy/platform.hpp"

#include "canaryd/net/url.hpp"

#include <fmt/format.h>

#include "request_headers.hpp"
#include <algorithm>
#include <utility>

namespace canaryd::cognigy {
namespace {}  // namespace

platform::platform(async::executor ex, platform_options options, net::transport& transport,
                   token_source& tokens, rate_budget& budget, std::function<double()> random)
    : executor_{ex},
      options_{std::move(options)},
      transport_{transport},
      tokens_{tokens},
      budget_{budget},
      random_{std::move(random)} {}

void platform::reconfigure(platform_options options) {
  options_ = std::move(options);
}

void platform::time_limit::excuse(core::duration waited) {
  lateness += waited;
  if (end != core::instant::max())
    end += waited;
}

async::task<core::result<platform::heard>> platform::perform(const outgoing& what,
                                                             time_limit& limit) {
  if (!what.message)
    co_return std::unexpected{what.message.error()};
  for (bool is_repeat = false;; is_repeat = true) {
    const auto cleared = co_await clear(what.which, what.rank, limit);
    if (!cleared)
      co_return std::unexpected{cleared.error()};
    auto answer = co_await send_once(what, *cleared, limit);
    const bool stale = !answer && answer.error().kind == core::fault::unauthorized;
    if (!stale || is_repeat)
      co_return answer;
    tokens_.reject(cleared->token);
  }
}

async::task<core::result<platform::heard>> platform::perform(outgoing what) {
  time_limit unlimited;
  co_return co_await perform(what, unlimited);
}

async::task<core::result<void>> platform::write(outgoing what) {
  const auto answer = co_await perform(std::move(what));
  if (!answer)
    co_return std::unexpected{answer.error()};
  co_return core::result<void>{};
}

async::task<core::result<platform::clearance>> platform::clear(call which, priority rank,
                                                               time_limit& limit) {
  for (bool is_repeat = false;; is_repeat = true) {
    const auto asked_at = async::clock::now();
    const auto token = co_await tokens_.get(rank, limit.end);
    if (!token)
      co_return std::unexpected{token.error()};
    // Only one that waits for the budget itself takes longer than it may.
    if (async::clock::now() > limit.end)
      limit.excuse(async::clock::now() - asked_at);
    const bool is_first = limit.sent == 0;
    auto permit = co_await budget_.admit(rank, is_first ? core::instant::max() : limit.end);
    if (permit && is_first)
      limit.excuse(permit->waited());
    if (!permit || async::clock::now() >= limit.end)
      co_return std::unexpected{out_of_time(which)};
    // The wait may have outlasted the token. Where it does so again, the answer will tell.
    auto newest = tokens_.present();
    if (!newest && !is_repeat)
      continue;
    ++limit.sent;
    co_return clearance{.permit = *std::move(permit), .token = newest ? newest : *token};
  }
}

async::task<core::result<platform::heard>> platform::send_once(const outgoing& what,
                                                               const clearance& cleared,
                                                               const time_limit& limit) {
  const auto sent_at = async::clock::now();
  net::request message = *what.message;
  add_header(message, "Authorization", "Bearer " + std::string{cleared.token->reveal()});
  message.timeout = options_.request_timeout;
  message.deadline = limit.end;
  if (what.on_sent && limit.sent == 1)
    what.on_sent();
  auto reply = co_await transport_.send(std::move(message));
  if (observer_)
    observer_(what.which, reply ? reply->status : 0, async::clock::now() - sent_at);

  auto body = read_answer(what.which, std::move(reply), context_of(what, *cleared.token));
  if (body) {
    budget_.report_success();
    co_return heard{.body = *std::move(body), .token = cleared.token};
  }
  if (body.error().status == 429)
    budget_.report_throttled(cleared.permit.admitted_at(), body.error().retry_after);
  co_return std::unexpected{std::move(body).error()};
}

answer_context platform::context_of(const outgoing& what, const core::secret& token) const {
  return {
      .scopes = options_.scopes,
      .secrets = {token.reveal(), tokens_.options().client_secret.reveal(), what.hidden.reveal()},
      .now = async::clock::wall_now()};
}

}  // namespace canaryd::cognigy
