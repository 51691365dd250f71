#include "canaryd/cognigy/platform.hpp"

#include "canaryd/net/url.hpp"

#include <fmt/format.h>

#include "request_headers.hpp"
#include <algorithm>
#include <utility>

namespace canaryd::cognigy {
namespace {

// In one piece, so that no copy of the token is left behind by growing.
std::string bearer(const core::secret& token) {
  constexpr std::string_view scheme = "Bearer ";
  std::string text;
  text.reserve(scheme.size() + token.reveal().size());
  text += scheme;
  text += token.reveal();
  return text;
}

}  // namespace

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
    const auto cleared = co_await clear(what, limit);
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

async::task<core::result<platform::clearance>> platform::clear(const outgoing& what,
                                                               time_limit& limit) {
  for (int round = 0;; ++round) {
    // A wait for the budget is excused, but must not keep a poll going for ever.
    const bool is_excused = limit.sent == 0 && round < 2;
    const auto asked_at = async::clock::now();
    const auto token = co_await tokens_.get(what.rank, limit.end);
    if (!token)
      co_return std::unexpected{token.error()};
    // Only one that waits for the budget itself takes longer than it may.
    if (async::clock::now() > limit.end)
      limit.excuse(async::clock::now() - asked_at);
    if (what.counted && !co_await wait_for_chance(*what.counted, limit, is_excused && round > 0))
      co_return std::unexpected{out_of_time(what.which)};
    // One that waited its turn in vain does not wait behind all others again.
    rate_budget::place turn{what.rank, round > 0};
    auto permit = co_await budget_.admit(turn, is_excused ? core::instant::max() : limit.end);
    if (permit && is_excused)
      limit.excuse(permit->waited());
    const auto now = async::clock::now();
    if (!permit || now >= limit.end)
      co_return std::unexpected{out_of_time(what.which)};
    // The wait may have outlasted the token. Where it does so again, the answer will tell.
    auto newest = tokens_.present();
    if (!newest && round == 0)
      continue;
    // It may have outlasted the chance as well.
    if (what.counted && core::next_chance(*what.counted, now) > now)
      continue;
    ++limit.sent;
    co_return clearance{.permit = *std::move(permit), .token = newest ? newest : *token};
  }
}

// False where the time is over before there is one. Holds no permit meanwhile.
async::task<bool> platform::wait_for_chance(const core::whole_units& counted, time_limit& limit,
                                            bool is_excused) {
  const auto now = async::clock::now();
  const auto chance = core::next_chance(counted, now);
  if (chance == now)
    co_return true;
  if (is_excused)
    limit.excuse(chance - now);
  if (chance >= limit.end)
    co_return false;
  co_await async::sleep_until(chance);
  co_return true;
}

async::task<core::result<platform::heard>> platform::send_once(const outgoing& what,
                                                               const clearance& cleared,
                                                               const time_limit& limit) {
  const auto sent_at = async::clock::now();
  net::request message = *what.message;
  if (what.complete)
    what.complete(message);
  add_header(message, "Authorization", bearer(*cleared.token));
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
