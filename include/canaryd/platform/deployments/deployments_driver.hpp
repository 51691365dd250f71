// The driver for the API that has deployments (reference: "API calls"). It builds the request,
// waits for the token and the budget, sends, and says what the answer means (reference: "API
// answers"). If a write has failed and is made again with the same key, it goes over a fresh
// connection.
#pragma once

#include "canaryd/async/task.hpp"
#include "canaryd/base/error.hpp"
#include "canaryd/job/whole_units.hpp"
#include "canaryd/judge/metrics.hpp"
#include "canaryd/net/transport.hpp"
#include "canaryd/platform/answer.hpp"
#include "canaryd/platform/answer_times.hpp"
#include "canaryd/platform/budget/rate_budget.hpp"
#include "canaryd/platform/calls.hpp"
#include "canaryd/platform/deployments/call_table.hpp"
#include "canaryd/platform/deployments/codec.hpp"
#include "canaryd/platform/driver.hpp"
#include "canaryd/platform/token/token_source.hpp"

#include <algorithm>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace canaryd::platform::deployments {

struct driver_options {
  call_table calls;
  std::vector<std::string> scopes;
  // The unit in which a window is asked for, 'm' or 's'.
  char window_unit = 'm';
  // Empty if there is none.
  std::string fallback_metrics_url;
  // The budget of the fallback's server. It has nothing to do with the API's own budget.
  budget_options fallback_budget;
  duration request_timeout = std::chrono::seconds{30};
};

class deployments_driver final : public driver {
 public:
  // All that is given by reference must outlive the driver. `random` gives numbers evenly spread
  // over [0, 1).
  deployments_driver(async::executor ex, driver_options options, net::transport& transport,
                     token_source& tokens, rate_budget& budget, std::function<double()> random);

  // Takes new options for all calls that start from now on.
  void reconfigure(driver_options options);
  const driver_options& options() const { return options_; }

  capabilities can() const override;
  platform::terms terms() const override;

  // Obtains an access token.
  async::task<result<void>> check() override;

  // Lists are followed from page to page, for at most 100 pages. If a page is missing, comes twice,
  // or is at another origin, the whole list fails as malformed. Items that cannot be read are
  // passed over and reported once (observe_oddities).
  async::task<result<canary::deployment_list>> find_deployments(const target& where,
                                                                priority rank) override;
  async::task<result<canary::deployment>> get_deployment(const target& where, std::string id,
                                                         priority rank) override;

  // Returns true if the version is listed, or if the call is not configured.
  async::task<result<bool>> version_is_listed(const target& where) override;

  // The body is made of `job`, without its webhook_url, which register_webhook() sends. Here and
  // below, `key` is the Idempotency-Key.
  async::task<result<std::string>> deploy(const target& where, const job::job& job,
                                          std::string key) override;
  async::task<result<void>> change_traffic(const target& where, std::string id,
                                           double canary_percent, std::string key,
                                           priority rank) override;
  async::task<result<void>> rollback(const target& where, std::string id, std::string reason,
                                     judge::metrics_sample metrics, std::string key, priority rank,
                                     std::function<void()> on_sent = {}) override;
  async::task<result<void>> promote(const target& where, std::string id,
                                    judge::metrics_sample metrics, std::string key) override;

  async::task<result<std::vector<webhook>>> list_webhooks(const target& where) override;
  async::task<result<void>> register_webhook(const target& where, webhook hook, std::string secret,
                                             std::string key) override;

  async::task<result<void>> audit(const target& where, canary::audit_record record) override;

  // Polls one arm. It sends at most three requests within the query's time. A request that is
  // repeated over a fresh connection counts, and so does one that is repeated after a 401. Between
  // attempts it waits with full jitter, and not less than Retry-After. A refusal, a missing token
  // and a second 401 end the attempts at once. No attempt begins after the query's time, and only
  // the first may last longer than what is left of it. Time in which this process stood still does
  // not count.
  //
  // If a fallback is configured, it is asked once, if the attempts brought no sample or if a metric
  // is missing. It is not asked if no request got a permit, for instance without a token. One of
  // the three requests and the last third of the time are kept for it. Its server gets no token and
  // has a budget of its own, and its answers, even a 429, say nothing about the API.
  async::task<poll_answer> poll(const target& where, metrics_query query) override;
  duration typical_poll() const override { return poll_times_.typical(); }

  // `observer` is called for every request except those for a token.
  void observe_calls(call_observer observer) { observer_ = std::move(observer); }
  // `observer` is called if an answer is odd but is used all the same, once for each oddity of a
  // bot.
  using oddity_observer = std::function<void(const target& about, const std::string& text)>;
  void observe_oddities(oddity_observer observer) { on_oddity_ = std::move(observer); }

 private:
  // The server that a request is sent to.
  enum class server : std::uint8_t { api, fallback };

  // One request that only lacks its token.
  struct outgoing {
    call which;
    priority rank;
    result<net::request> message;
    // The Idempotency-Key of a write. Empty for a read.
    std::string key = {};
    // A part of the body that no error may show.
    text::secret hidden;
    // Called when the first request goes out.
    std::function<void()> on_sent = {};
    // If set, each request waits until it can ask for whole units (job/whole_units.hpp).
    std::optional<job::whole_units> counted = std::nullopt;
    // Called with each request before it goes out, to add what is known only then.
    std::function<void(net::request&)> complete = {};
    server to = server::api;
  };

  // The time that a call may take. It begins when the first request gets a permit, and anew when
  // that request goes out. Until then there is no end.
  struct time_limit {
    duration time = duration::max();
    duration request_time = duration::max();
    // An answer may always take this long.
    duration longest_answer{};
    instant end = instant::max();
    // Requests that were given a permit.
    int cleared = 0;
    // Requests that went out over a connection, and when the first and the newest of them did.
    int sent = 0;
    instant first_sent_at;
    instant sent_at;
    // How many requests may go out.
    int most_sent = std::numeric_limits<int>::max();

    duration time_with_an_answer() const { return std::max(time, longest_answer); }
    void begin(instant now, duration left);
    void note_sent(instant now);
    duration time_for_a_request(instant now) const;
  };

  // The body of a 2xx, the token that it was asked for with, if there was one, and the next page of
  // a list if the Link header names one.
  struct heard {
    std::string body;
    access_token token;
    std::string next_link;
  };

  // Fails as refused if a value would not be one segment of the path.
  result<std::string> url_of(call which, const target& where, std::string_view id = {}) const;
  outgoing make_read(call which, priority rank, const result<std::string>& url) const;
  outgoing make_write(call which, priority rank, const result<std::string>& url, std::string key,
                      std::string body) const;
  // `window` is set to what the newest request asks for. All arguments must outlive the result.
  outgoing make_metrics_read(const target& where, const metrics_query& query,
                             const result<std::string>& url, duration& window) const;

  // The right to send, and the token to send with. The token is null for the fallback.
  struct clearance {
    rate_budget::permit permit;
    access_token token;
  };

  async::task<result<heard>> perform(outgoing what);
  // Sends the request, and sends it once more with another token after a 401.
  async::task<result<heard>> perform(const outgoing& what, time_limit& limit);
  async::task<result<clearance>> clear(const outgoing& what, time_limit& limit);
  async::task<result<heard>> send_once(const outgoing& what, const clearance& cleared,
                                       time_limit& limit, bool fresh_connection = false);
  void note_answer(const outgoing& what, const net::response* reply, duration took);
  bool allow_repeat(const outgoing& what, const time_limit& limit, instant sent_at);
  void remember(const outgoing& what, const result<heard>& answer);
  async::task<result<void>> write(outgoing what);

  // Reads a whole list, page by page.
  template <class T>
  async::task<result<page<T>>> list(outgoing what, target where,
                                    parsed<page<T>> (*parse)(std::string_view));
  void note_oddity(const target& about, const std::string& problem, const std::string& text);

  rate_budget& budget_of(const outgoing& what);
  answer_context context_of(const outgoing& what, const access_token& token) const;
  // `parse` turns the body into a parsed<T>.
  template <class Parse>
  auto decode(const outgoing& what, const result<heard>& answer, const Parse& parse) const
      -> result<typename std::invoke_result_t<Parse, std::string_view>::value_type>;

  using sample_task = async::task<result<judge::metrics_sample>>;
  sample_task poll_primary(const target& where, const metrics_query& query, time_limit& limit,
                           duration& window);
  sample_task poll_fallback(const target& where, const metrics_query& query, time_limit& limit,
                            duration& window);

  async::executor executor_;
  driver_options options_;
  net::transport& transport_;
  token_source& tokens_;
  rate_budget& budget_;
  rate_budget fallback_budget_;
  std::function<double()> random_;
  call_observer observer_;
  oddity_observer on_oddity_;
  std::set<std::string> oddities_told_;
  // The times of all reads, including polls. A poll is given no less time than they take.
  answer_times read_times_;
  answer_times poll_times_;
  // Keys of writes whose newest attempt may have been lost. Their next attempt goes over a fresh
  // connection.
  std::set<std::string, std::less<>> unsettled_;
};

template <class Parse>
auto deployments_driver::decode(const outgoing& what, const result<heard>& answer,
                                const Parse& parse) const
    -> result<typename std::invoke_result_t<Parse, std::string_view>::value_type> {
  if (!answer)
    return std::unexpected{answer.error()};
  auto value = parse(std::string_view{answer->body});
  if (!value)
    return std::unexpected{
        unusable_body(what.which, value.error(), answer->body, context_of(what, answer->token))};
  return *std::move(value);
}

}  // namespace canaryd::platform::deployments
