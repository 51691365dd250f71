#include "canaryd/platform/deployments/deployments_driver.hpp"

#include "canaryd/net/url.hpp"
#include "canaryd/platform/request_headers.hpp"

#include <fmt/format.h>

#include "page_link.hpp"
#include <algorithm>
#include <utility>

namespace canaryd::platform::deployments {
namespace {

// If a request takes longer than its time limit by more than this, the process has stood still.
constexpr duration longest_lag = std::chrono::seconds{5};

// All memory is reserved at once, because a text that grows leaves copies of the token behind.
std::string bearer(const text::secret& token) {
  constexpr std::string_view scheme = "Bearer ";
  std::string text;
  text.reserve(scheme.size() + token.reveal().size());
  text += scheme;
  text += token.reveal();
  return text;
}

}  // namespace

deployments_driver::deployments_driver(async::executor ex, driver_options options,
                                       net::transport& transport, token_source& tokens,
                                       rate_budget& budget, std::function<double()> random)
    : executor_{ex},
      options_{std::move(options)},
      transport_{transport},
      tokens_{tokens},
      budget_{budget},
      fallback_budget_{ex, options_.fallback_budget},
      random_{std::move(random)} {}

void deployments_driver::reconfigure(driver_options options) {
  options_ = std::move(options);
  fallback_budget_.reconfigure(options_.fallback_budget);
}

capabilities deployments_driver::can() const {
  constexpr std::string_view environment = "{environment_id}";
  return {.registers_webhooks = true,
          .takes_audit_records = true,
          .can_revert = false,
          .needs_token = true,
          .lists_versions = !options_.calls[call::versions].path.empty(),
          .metrics_by_environment = options_.calls[call::metrics].path.contains(environment)};
}

platform::terms deployments_driver::terms() const {
  return {.window_unit = length_of(options_.window_unit),
          .request_timeout = options_.request_timeout};
}

async::task<result<void>> deployments_driver::check() {
  const auto token = co_await tokens_.get(priority::poll);
  if (!token)
    co_return std::unexpected{token.error()};
  co_return result<void>{};
}

void deployments_driver::time_limit::begin(instant now, duration left) {
  if (left != duration::max())
    end = now + left;
}

void deployments_driver::time_limit::note_sent(instant now) {
  sent_at = now;
  if (sent++ > 0)
    return;
  first_sent_at = now;
  begin(now, time);
}

duration deployments_driver::time_limit::time_for_a_request(instant now) const {
  return std::min(std::max(request_time, longest_answer),
                  sent == 0 ? time_with_an_answer() : end - now);
}

async::task<result<deployments_driver::heard>> deployments_driver::perform(const outgoing& what,
                                                                           time_limit& limit) {
  if (!what.message)
    co_return std::unexpected{what.message.error()};
  for (bool is_repeat = false;; is_repeat = true) {
    const auto cleared = co_await clear(what, limit);
    if (!cleared)
      co_return std::unexpected{cleared.error()};
    const bool is_again = is_repeat || unsettled_.contains(what.key);
    auto answer = co_await send_once(what, *cleared, limit, is_again && !what.key.empty());
    const bool stale = !answer && answer.error().kind == fault::unauthorized;
    if (!stale || is_repeat || limit.sent >= limit.most_sent) {
      remember(what, answer);
      co_return answer;
    }
    tokens_.reject(cleared->token, what.which);
  }
}

async::task<result<deployments_driver::heard>> deployments_driver::perform(outgoing what) {
  time_limit unlimited;
  co_return co_await perform(what, unlimited);
}

async::task<result<void>> deployments_driver::write(outgoing what) {
  const auto answer = co_await perform(std::move(what));
  if (!answer)
    co_return std::unexpected{answer.error()};
  co_return result<void>{};
}

async::task<result<deployments_driver::clearance>> deployments_driver::clear(const outgoing& what,
                                                                             time_limit& limit) {
  const bool is_first = limit.cleared == 0;
  for (bool again = false;; again = true) {
    const auto asked_at = async::clock::now();
    const bool is_unlimited = limit.time == duration::max();
    const auto patience =
        is_first && !is_unlimited ? asked_at + limit.time_with_an_answer() : limit.end;
    if (what.to == server::api) {
      const auto token = co_await tokens_.get(what.rank, patience);
      if (!token) {
        read_times_.note_silence();
        co_return std::unexpected{token.error()};
      }
    }
    // Waiting for a token lasts longer than this only if the token itself waits for the budget.
    // That time does not count.
    if (async::clock::now() > limit.end)
      limit.end += async::clock::now() - asked_at;
    if (what.counted) {
      const auto chance = job::next_chance(*what.counted, async::clock::now());
      if (chance >= limit.end)
        co_return std::unexpected{out_of_time(what.which)};
      co_await async::sleep_until(chance);
    }
    // A request that has waited its turn in vain does not wait behind all others again.
    rate_budget::ticket turn{what.rank, again};
    auto permit = co_await budget_of(what).admit(turn, limit.end);
    const auto now = async::clock::now();
    if (!permit || now >= limit.end)
      co_return std::unexpected{out_of_time(what.which)};
    // The token may have expired during the wait. An expired token is never sent.
    auto current = what.to == server::api ? tokens_.present() : access_token{};
    if (!current && what.to == server::api)
      continue;
    // The moment for whole units may have passed as well.
    if (what.counted && job::next_chance(*what.counted, now) > now)
      continue;
    // The time begins here, so that attempts end even if they get no connection.
    if (limit.cleared++ == 0)
      limit.begin(now, limit.time);
    co_return clearance{.permit = *std::move(permit), .token = std::move(current)};
  }
}

async::task<result<deployments_driver::heard>> deployments_driver::send_once(
    const outgoing& what, const clearance& cleared, time_limit& limit, bool fresh_connection) {
  struct {
    const outgoing& what;
    time_limit& limit;
    instant sent_at = async::clock::now();
    bool has_gone = false;
  } going{what, limit};
  net::request message = *what.message;
  if (what.complete)
    what.complete(message);
  if (cleared.token)
    add_header(message, "Authorization", bearer(*cleared.token));
  const auto timeout = std::min(options_.request_timeout, limit.time_for_a_request(going.sent_at));
  message.timeout = timeout;
  // It captures a single reference, because a larger function object would need memory from the
  // heap for each request.
  message.on_sent = [&going] {
    going.sent_at = async::clock::now();
    going.has_gone = true;
    going.limit.note_sent(going.sent_at);
    if (going.what.on_sent && going.limit.sent == 1)
      going.what.on_sent();
  };
  message.fresh_connection = fresh_connection;
  message.may_repeat = [this, &going] {
    return allow_repeat(going.what, going.limit, going.sent_at);
  };
  auto reply = co_await transport_.send(std::move(message));
  const auto took = async::clock::now() - going.sent_at;
  note_answer(what, reply ? &*reply : nullptr, took);
  // An answer that was lost while this process stood still is asked for again, with the full time.
  if (!reply && going.has_gone && took > timeout + longest_lag)
    limit.begin(async::clock::now(), limit.time);

  auto next_link = reply ? find_next_link(reply->headers) : std::string{};
  auto body = read_answer(what.which, std::move(reply), context_of(what, cleared.token));
  if (body) {
    budget_of(what).report_success();
    co_return heard{
        .body = *std::move(body), .token = cleared.token, .next_link = std::move(next_link)};
  }
  if (body.error().status == 429)
    budget_of(what).report_throttled(cleared.permit.admitted_at(), body.error().retry_after);
  co_return std::unexpected{std::move(body).error()};
}

void deployments_driver::note_answer(const outgoing& what, const net::response* reply,
                                     duration took) {
  if (observer_)
    observer_(what.which, reply != nullptr ? reply->status : 0, took);
  if (what.to == server::fallback)
    return;
  if (reply == nullptr)
    read_times_.note_silence();
  if (reply == nullptr || what.message->method != "GET")
    return;
  read_times_.note(took);
  if (what.which == call::metrics)
    poll_times_.note(took);
}

// Called if a read went out on a connection that the server had closed. The repeat is another
// request, for the budget as well.
bool deployments_driver::allow_repeat(const outgoing& what, const time_limit& limit,
                                      instant sent_at) {
  if (limit.sent >= limit.most_sent || !budget_of(what).take_at_once(what.rank))
    return false;
  if (observer_)
    observer_(what.which, 0, async::clock::now() - sent_at);
  return true;
}

void deployments_driver::remember(const outgoing& what, const result<heard>& answer) {
  constexpr std::size_t most_remembered = 10'000;
  if (what.key.empty())
    return;
  const bool is_settled =
      answer || answer.error().kind == fault::refused || answer.error().kind == fault::unauthorized;
  if (is_settled)
    unsettled_.erase(what.key);
  else if (unsettled_.size() < most_remembered)
    unsettled_.insert(what.key);
}

rate_budget& deployments_driver::budget_of(const outgoing& what) {
  return what.to == server::fallback ? fallback_budget_ : budget_;
}

answer_context deployments_driver::context_of(const outgoing& what,
                                              const access_token& token) const {
  answer_context context{
      .scopes = options_.scopes,
      .secrets = {tokens_.options().client_secret.reveal(), what.hidden.reveal()},
      .now = async::clock::wall_now()};
  if (token)
    context.secrets.push_back(token->reveal());
  return context;
}

void deployments_driver::note_oddity(const target& about, const std::string& problem,
                                     const std::string& text) {
  constexpr std::size_t most_told = 1000;
  if (!on_oddity_ || oddities_told_.size() >= most_told)
    return;
  if (oddities_told_.insert(about.bot_id + "\n" + about.environment_id + "\n" + problem).second)
    on_oddity_(about, text);
}

}  // namespace canaryd::platform::deployments
