#include "canaryd/cognigy/platform.hpp"

#include "canaryd/net/url.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/system/system_error.hpp>
#include <fmt/format.h>

#include "request_headers.hpp"
#include <algorithm>
#include <utility>

namespace canaryd::cognigy {
namespace {

core::error out_of_time(call which) {
  return {.kind = core::fault::try_again,
          .text = fmt::format("{}: its time was up before it could be sent", to_string(which)),
          .status = 0};
}

core::error no_whole_answer() {
  return {.kind = core::fault::lost, .text = "no answer within its time", .status = 0};
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

void platform::time_limit::note_sending(core::instant now) {
  if (sent++ > 0)
    return;
  lateness = now - begun;
  if (end != core::instant::max())
    end += lateness;
}

async::task<core::result<platform::heard>> platform::perform(const outgoing& what,
                                                             time_limit& limit) {
  if (!what.message)
    co_return std::unexpected{what.message.error()};
  const auto token = co_await tokens_.get(what.rank, limit.waits_until());
  if (!token)
    co_return std::unexpected{token.error()};
  auto first = co_await send_once(what, *token, limit);
  if (first || first.error().kind != core::fault::unauthorized)
    co_return first;

  const auto fresh = co_await tokens_.renew(*token, what.rank, limit.waits_until());
  if (!fresh)
    co_return std::unexpected{fresh.error()};
  co_return co_await send_once(what, *fresh, limit);
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

async::task<core::result<platform::heard>> platform::send_once(const outgoing& what,
                                                               access_token token,
                                                               time_limit& limit) {
  const auto permit = co_await budget_.admit(what.rank, limit.waits_until());
  const auto sent_at = async::clock::now();
  if (permit)
    limit.note_sending(sent_at);
  if (!permit || sent_at >= limit.end)
    co_return std::unexpected{out_of_time(what.which)};

  net::request message = *what.message;
  add_header(message, "Authorization", fmt::format("Bearer {}", token->reveal()));
  message.timeout = std::min(options_.request_timeout, limit.end - sent_at);
  auto reply = co_await send_before(limit.end, std::move(message));
  if (observer_)
    observer_(what.which, reply ? reply->status : 0, async::clock::now() - sent_at);

  auto body = read_answer(what.which, std::move(reply), context_of(what, *token));
  if (body) {
    budget_.report_success();
    co_return heard{.body = *std::move(body), .token = std::move(token)};
  }
  if (body.error().status == 429)
    budget_.report_throttled(permit->admitted_at(), body.error().retry_after);
  co_return std::unexpected{std::move(body).error()};
}

// A request's timeout begins when its connection is there: `end` holds for both together.
async::task<core::result<net::response>> platform::send_before(core::instant end,
                                                               net::request message) {
  if (end == core::instant::max())
    co_return co_await transport_.send(std::move(message));

  async::timer alarm{executor_, end};
  auto race = boost::asio::experimental::make_parallel_group(
      boost::asio::co_spawn(executor_, transport_.send(std::move(message)), boost::asio::deferred),
      alarm.async_wait(boost::asio::deferred));
  auto [order, problem, reply, alarm_problem] =
      co_await race.async_wait(boost::asio::experimental::wait_for_one(), async::use_task);
  if (order[0] == 0 && problem)
    std::rethrow_exception(problem);
  if (order[0] == 0)
    co_return std::move(reply);
  if (alarm_problem)
    throw boost::system::system_error{alarm_problem};
  co_return std::unexpected{no_whole_answer()};
}

answer_context platform::context_of(const outgoing& what, const core::secret& token) const {
  return {
      .scopes = options_.scopes,
      .secrets = {token.reveal(), tokens_.options().client_secret.reveal(), what.hidden.reveal()},
      .now = async::clock::wall_now()};
}

}  // namespace canaryd::cognigy
