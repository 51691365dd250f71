#include "canaryd/platform/token/token_source.hpp"

#include "canaryd/base/backoff.hpp"
#include "canaryd/net/url.hpp"
#include "canaryd/platform/answer.hpp"
#include "canaryd/platform/request_headers.hpp"

#include <fmt/format.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <utility>

namespace canaryd::platform {
namespace {

using namespace std::chrono_literals;

// For a rollback's first attempt a token is asked for even if the server wants a pause, but no more
// often than this.
constexpr duration shortest_pause = 1s;
// If a wait ends later than its deadline by more than this, the process has stood still.
constexpr duration longest_lag = 1s;

bool can_wait(priority rank) {
  return rank == priority::deploy || rank == priority::record;
}

error no_token(std::string text) {
  return {.kind = fault::no_token, .text = std::move(text), .status = 0, .retry_after = {}};
}

// The token URL as errors show it, without its query.
std::string shown(const token_options& used) {
  const auto address = net::parse_url(used.token_url);
  return address ? net::loggable(*address) : "token URL";
}

result<net::request> make_request(const token_options& used) {
  auto address = net::parse_url(used.token_url);
  if (!address)
    return std::unexpected{std::move(address).error()};
  net::request message;
  message.method = "POST";
  message.target = *std::move(address);
  add_common_headers(message);
  add_header(message, "Content-Type", "application/x-www-form-urlencoded");
  message.body = token_form(used.client_id, used.client_secret, used.scopes);
  message.timeout = used.request_timeout;
  // Token requests are rare, and all other calls depend on them, so no old connection is trusted.
  message.fresh_connection = true;
  return message;
}

}  // namespace

// Lives as long as one attempt. However the attempt ends, those who wait for it are woken.
class token_source::attempt {
 public:
  explicit attempt(token_source& source) : source_{source} {}

  ~attempt() {
    source_.attempt_.reset();
    source_.sent_at_.reset();
    ++source_.attempts_ended_;
    source_.ring_all();
  }

  attempt(const attempt&) = delete;
  attempt& operator=(const attempt&) = delete;

 private:
  token_source& source_;
};

token_source::token_source(async::executor ex, token_options options, net::transport& transport,
                           rate_budget& budget, std::function<double()> random)
    : executor_{ex},
      options_{std::move(options)},
      transport_{transport},
      budget_{budget},
      random_{std::move(random)},
      attempts_{ex} {}

void token_source::reconfigure(token_options options) {
  if (options == options_)
    return;
  options_ = std::move(options);
  ++options_version_;
  forget_schedule();
}

async::task<result<access_token>> token_source::get(priority rank, instant deadline) {
  const auto now = async::clock::now();
  if (is_usable(now)) {
    if (now >= renew_at_ && !attempt_ && may_try(rank, now))
      want_refresh(rank);
    co_return token_;
  }
  if (!attempt_ && !may_try(rank, now))
    co_return std::unexpected{failure()};

  const auto ended_before = attempts_ended_;
  want_refresh(rank);
  // An attempt that did not have to wait for anything has ended by now.
  if (attempts_ended_ == ended_before)
    co_await wait_for_attempt(deadline, ended_before);
  if (is_usable(async::clock::now()))
    co_return token_;
  if (attempts_ended_ == ended_before)
    co_return std::unexpected{no_token("no token came in time from " + shown(options_))};
  co_return std::unexpected{failure()};
}

access_token token_source::present() const {
  return is_usable(async::clock::now()) ? token_ : nullptr;
}

std::optional<instant> token_source::obtained_at() const {
  return is_usable(async::clock::now()) ? std::optional{obtained_at_} : std::nullopt;
}

void token_source::reject(const access_token& used, call by) {
  if (token_ != used)
    return;
  auto& last = renewals_[static_cast<std::size_t>(by)];
  const auto now = async::clock::now();
  if (now < last.next_at)
    return;
  if (now >= last.next_at + longest_backoff)
    last.in_a_row = 0;
  last.next_at = now + backoff_bound(last.in_a_row++);
  token_.reset();
}

bool token_source::is_usable(instant now) const {
  return token_ && now < expires_at_;
}

bool token_source::may_try(priority rank, instant now) const {
  if (rank == priority::rollback)
    return now >= hurried_retry_at_;
  return now >= (can_wait(rank) ? patient_retry_at_ : retry_at_);
}

error token_source::failure() const {
  return failure_.value_or(no_token("the token had expired when it came"));
}

void token_source::want_refresh(priority rank) {
  if (attempt_) {
    budget_.raise(*attempt_, rank);
    return;
  }
  constexpr bool ahead = true;
  attempt_.emplace(rank, ahead);
  attempts_.spawn(refresh());
}

async::task<> token_source::refresh() {
  const attempt under_way{*this};
  failure_ = no_token("the wait for a token was given up");
  const auto version = options_version_;
  const token_options used = options_;
  const auto permit = co_await budget_.admit(*attempt_, instant::max());
  const auto asked_at = async::clock::now();
  auto reply = co_await send(used);

  auto granted = read(used, std::move(reply));
  if (granted) {
    budget_.report_success();
    adopt(*std::move(granted), asked_at);
  } else {
    if (granted.error().status == 429)
      budget_.report_throttled(permit->admitted_at(), granted.error().retry_after);
    note_failure(std::move(granted).error());
  }
  if (version != options_version_)
    forget_schedule();
}

async::task<result<net::response>> token_source::send(token_options used) {
  auto message = make_request(used);
  if (!message)
    co_return std::unexpected{std::move(message).error()};
  auto begun = async::clock::now();
  message->on_sent = [this, &begun] {
    begun = async::clock::now();
    sent_at_ = begun;
    ring_all();
  };
  auto reply = co_await transport_.send(*std::move(message));
  if (observer_)
    observer_(call::token, reply ? reply->status : 0, async::clock::now() - begun);
  co_return reply;
}

result<token_grant> token_source::read(const token_options& used, result<net::response> reply) {
  const answer_context context{.scopes = used.scopes,
                               .secrets = {used.client_secret.reveal()},
                               .now = async::clock::wall_now()};
  auto body = read_answer(call::token, std::move(reply), context);
  if (!body)
    return std::unexpected{std::move(body).error()};
  auto granted = parse_token(*body);
  OPENSSL_cleanse(body->data(), body->size());
  if (!granted)
    return std::unexpected{unusable_body(call::token, granted.error(), "", context)};
  return *std::move(granted);
}

void token_source::adopt(token_grant granted, instant asked_at) {
  token_ = std::make_shared<const text::secret>(std::move(granted.token));
  obtained_at_ = async::clock::now();
  expires_at_ = asked_at + granted.life;
  renew_at_ = asked_at + granted.life * 4 / 5;
  failure_.reset();
  trouble_.clear();
  failures_in_a_row_ = 0;
  ++totals_.succeeded;
}

void token_source::note_failure(error problem) {
  ++(problem.status != 0 ? totals_.refused : totals_.failed);
  const auto now = async::clock::now();
  const auto random = random_();
  const auto wait_of_at_most = [&](duration longest) {
    return retry_wait(problem, failures_in_a_row_, random, longest_backoff, longest);
  };
  hurried_retry_at_ = now + std::min<duration>(shortest_pause, wait_of_at_most({}));
  retry_at_ = now + wait_of_at_most(longest_hold_up);
  patient_retry_at_ = now + wait_of_at_most(longest_deferral);
  ++failures_in_a_row_;
  problem.text = fmt::format("no token from {}: {}", shown(options_), problem.text);
  problem.kind = fault::no_token;
  trouble_ = problem.text;
  failure_ = std::move(problem);
}

// New credentials are tried at the next call, even if the old ones have failed.
void token_source::forget_schedule() {
  renew_at_ = instant::min();
  hurried_retry_at_ = instant::min();
  retry_at_ = instant::min();
  patient_retry_at_ = instant::min();
  failures_in_a_row_ = 0;
}

void token_source::ring_all() {
  for (auto* bell : waiting_)
    bell->ring();
}

// Returns when a caller stops waiting that has asked at `asked_at` and waits for `patience`. That
// time begins when the request for the token goes out.
instant token_source::waits_until(instant asked_at, duration patience) const {
  if (!sent_at_ || patience == duration::max())
    return instant::max();
  return std::max(asked_at, *sent_at_) + patience;
}

async::task<> token_source::wait_for_attempt(instant deadline, std::uint64_t ended_before) {
  async::wakeup bell{executor_};
  // Removes the bell from the list when this function ends, even if the wait is cancelled.
  struct stay {
    std::list<async::wakeup*>& list;
    std::list<async::wakeup*>::iterator position;
    ~stay() { list.erase(position); }
  };
  const stay in_list{waiting_, waiting_.insert(waiting_.end(), &bell)};
  auto asked_at = async::clock::now();
  const auto patience = deadline == instant::max() ? duration::max() : deadline - asked_at;
  for (;;) {
    const auto end = waits_until(asked_at, patience);
    if (attempts_ended_ != ended_before || async::clock::now() >= end)
      co_return;
    co_await bell.wait(end);
    // This process has stood still. The token may have come meanwhile, and only has to be read.
    if (async::clock::now() - longest_lag > end)
      asked_at = async::clock::now();
  }
}

}  // namespace canaryd::platform
