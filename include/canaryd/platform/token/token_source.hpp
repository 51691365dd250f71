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

// One token. The calls that use it share it, and it is wiped when the last of them lets go of it.
using access_token = std::shared_ptr<const text::secret>;

class token_source {
 public:
  // `random` gives numbers evenly spread over [0, 1).
  token_source(async::executor ex, token_options options, net::transport& transport,
               rate_budget& budget, std::function<double()> random);
  token_source(const token_source&) = delete;
  token_source& operator=(const token_source&) = delete;

  // Takes new credentials. The present token stays in use until a new one has been fetched.
  void reconfigure(token_options options);
  const token_options& options() const { return options_; }

  // Returns the present token. If there is none, waits for a new one, together with everybody else
  // who needs it. The request for it has the highest priority of those who wait. A token is
  // replaced in the background after 80 % of its life.
  //
  // Fails as no_token
  //   - at once, if the last refresh failed and the pause after it is not over. The pause has full
  //     jitter up to 30 s and is not shorter than Retry-After. Of Retry-After, deploys and records
  //     respect at most 5 minutes, everybody else 60 s. For a rollback's first attempt the pause is
  //     a second at most;
  //   - if the refresh that it waits for fails;
  //   - if `deadline` passes. The time in which the refresh waits for the rate budget does not
  //   count.
  // If the caller is cancelled, the refresh goes on for the others.
  async::task<result<access_token>> get(priority rank, instant deadline = instant::max());

  // Returns the present token without waiting, or null if there is none.
  access_token present() const;

  // Returns when the present token was obtained, or nothing if there is none.
  std::optional<instant> obtained_at() const;
  // Why the newest finished attempt brought no token. Empty if it brought one, or if there was no
  // attempt.
  const std::string& trouble() const { return trouble_; }

  // Call this after a 401 to the call `by`. The token is not given out again, and the next get()
  // replaces it. Does nothing if the token has been replaced already. Does nothing either if the
  // same call has had a token replaced less than 1 s ago (up to 30 s if it keeps being refused),
  // because new tokens do not help that call.
  void reject(const access_token& used, call by);

  // For the shutdown: cancel() stops the refresh in flight, and join() waits for its end.
  void cancel() { attempts_.cancel(); }
  async::task<> join() { return attempts_.join(); }

  struct totals {
    std::uint64_t succeeded = 0;
    // Attempts that were answered with another status than 2xx.
    std::uint64_t refused = 0;
    // Attempts without an answer, or without one that could be used.
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

  // If an attempt is under way, this is its place in the budget's queue.
  std::optional<rate_budget::ticket> attempt_;
  // When the request of that attempt went out.
  std::optional<instant> sent_at_;
  std::uint64_t attempts_ended_ = 0;
  std::list<async::wakeup*> waiting_;
  // Shows whether the credentials have changed during an attempt.
  std::uint64_t options_version_ = 0;

  std::optional<error> failure_;
  std::string trouble_;
  std::int32_t failures_in_a_row_ = 0;
  // When another attempt may be made for a rollback's first attempt, for deploys and records, and
  // for everybody else.
  instant hurried_retry_at_ = instant::min();
  instant patient_retry_at_ = instant::min();
  instant retry_at_ = instant::min();

  // How often in a row a call's 401s have had the token replaced, and when the next one may.
  struct renewal {
    std::int32_t in_a_row = 0;
    instant next_at = instant::min();
  };
  std::array<renewal, call_count> renewals_{};

  totals totals_;
  async::task_group attempts_;
};

}  // namespace canaryd::platform
