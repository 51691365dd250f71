// The access token that all calls share (OAuth 2 client credentials, RFC 6749 section 4.4).
#pragma once

#include "canaryd/async/task.hpp"
#include "canaryd/async/task_group.hpp"
#include "canaryd/async/wakeup.hpp"
#include "canaryd/base/error.hpp"
#include "canaryd/base/time.hpp"
#include "canaryd/net/transport.hpp"
#include "canaryd/platform/budget/priority.hpp"
#include "canaryd/platform/budget/rate_budget.hpp"
#include "canaryd/platform/calls.hpp"
#include "canaryd/platform/token/token_codec.hpp"
#include "canaryd/text/secret.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace canaryd::platform {

struct token_options {
  // An absolute URL that net::parse_url takes.
  std::string token_url;
  std::string client_id;
  text::secret client_secret;
  std::vector<std::string> scopes;
  duration request_timeout = std::chrono::seconds{30};

  bool operator==(const token_options&) const = default;
};

// One token, shared by the calls that use it and wiped when the last lets go of it.
using access_token = std::shared_ptr<const text::secret>;

class token_source {
 public:
  // `random` gives numbers evenly spread over [0, 1).
  token_source(async::executor ex, token_options options, net::transport& transport,
               rate_budget& budget, std::function<double()> random);
  token_source(const token_source&) = delete;
  token_source& operator=(const token_source&) = delete;

  // Takes new credentials. The present token serves on while one is fetched with them.
  void reconfigure(token_options options);
  const token_options& options() const { return options_; }

  // The present token; waits for one where there is none, together with everybody else who does.
  // The request for it is served at the highest priority of those who wait. From 80 % of its life
  // on a token is replaced in the background. Fails as no_token: at once while a failed refresh is
  // being waited out (full jitter up to 30 s, and not less than Retry-After, of which deploys and
  // records believe 5 minutes, everybody else 60 s and a rollback's first attempt nothing: for that
  // one it is tried again after a second), when the refresh waited for fails, or when `deadline`
  // passes, which is put off by the time that the refresh itself waits for the rate budget.
  // Cancelling the caller leaves the refresh to the others.
  async::task<result<access_token>> get(priority rank, instant deadline = instant::max());

  // The present token without waiting; null where there is none.
  access_token present() const;

  // When the present token was obtained; nothing where there is none.
  std::optional<instant> obtained_at() const;
  // Why the newest attempt that has ended brought no token; empty where it did, or none was made.
  const std::string& trouble() const { return trouble_; }

  // After a 401 to that call: the token is not served again, and the next get() has it replaced.
  // Does nothing where it has been replaced already, or where the same call has had one replaced a
  // moment ago (1 s, and up to 30 s where it keeps being refused): new tokens do not help it.
  void reject(const access_token& used, call by);

  // For shutdown: ends the refresh in flight, and waits for its end.
  void cancel() { attempts_.cancel(); }
  async::task<> join() { return attempts_.join(); }

  struct totals {
    std::uint64_t succeeded = 0;
    // Answered with another status than 2xx.
    std::uint64_t refused = 0;
    // No answer, or none that could be used.
    std::uint64_t failed = 0;
  };
  const totals& counts() const { return totals_; }
  void observe_calls(call_observer observer) { observer_ = std::move(observer); }

 private:
  class attempt;

  bool is_usable(instant now) const;
  bool may_try(priority rank, instant now) const;
  error failure() const;
  void want_refresh(priority rank);
  async::task<> refresh();
  async::task<result<net::response>> send(token_options used);
  result<token_grant> read(const token_options& used, result<net::response> reply);
  void adopt(token_grant granted, instant asked_at);
  void note_failure(error problem);
  void forget_schedule();
  void ring_all();
  instant waits_until(instant asked_at, duration patience) const;
  async::task<> wait_for_attempt(instant deadline, std::uint64_t ended_before);

  async::executor executor_;
  token_options options_;
  net::transport& transport_;
  rate_budget& budget_;
  std::function<double()> random_;
  call_observer observer_;

  access_token token_;
  instant obtained_at_;
  instant renew_at_;
  instant expires_at_;

  // The place in the budget's queue of the attempt under way, if there is one.
  std::optional<rate_budget::ticket> attempt_;
  // When its request went out.
  std::optional<instant> sent_at_;
  std::uint64_t attempts_ended_ = 0;
  std::list<async::wakeup*> waiting_;
  // Told when the credentials change during an attempt.
  std::uint64_t options_version_ = 0;

  std::optional<error> failure_;
  std::string trouble_;
  std::int32_t failures_in_a_row_ = 0;
  // When another attempt may be made: for a rollback's first attempt, for those who can wait, and
  // for everybody else.
  instant hurried_retry_at_ = instant::min();
  instant patient_retry_at_ = instant::min();
  instant retry_at_ = instant::min();

  // How often a call's 401s have had the token replaced, and when they may again.
  struct renewal {
    std::int32_t in_a_row = 0;
    instant next_at = instant::min();
  };
  std::array<renewal, call_count> renewals_{};

  totals totals_;
  async::task_group attempts_;
};

}  // namespace canaryd::platform
