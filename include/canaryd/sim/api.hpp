// The API without faults. It checks each call as strictly as a client should expect
// (reference: "API calls").
#pragma once

#include "canaryd/net/message.hpp"
#include "canaryd/sim/call.hpp"
#include "canaryd/sim/chronicle.hpp"
#include "canaryd/sim/deployment_book.hpp"
#include "canaryd/sim/fault.hpp"
#include "canaryd/sim/moment.hpp"
#include "canaryd/sim/token_book.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace canaryd::sim {

// How a list and an empty list are written, and where a list names its next page.
enum class list_shape : std::uint8_t { items, bare };
enum class empty_shape : std::uint8_t { list, null, null_items, no_body, no_content };
enum class page_shape : std::uint8_t { url, cursor, link };

std::optional<list_shape> list_shape_named(std::string_view name);
std::optional<empty_shape> empty_shape_named(std::string_view name);
std::optional<page_shape> page_shape_named(std::string_view name);

// The shapes of answers, in which APIs differ.
struct answer_shapes {
  list_shape lists = list_shape::items;
  empty_shape empty_lists = empty_shape::list;
  // The number of items on a page; 0 puts all of them on one page.
  std::size_t page_size = 0;
  page_shape pages = page_shape::url;
  // Adds broken items to lists: one without an id, and one with a number as its version.
  bool odd_items = false;
};

struct api_options {
  std::string client_id = "demo";
  std::string client_secret = "demo-secret";
  duration token_lifetime = std::chrono::hours{1};
  // The least length of a token.
  std::size_t token_bytes = 0;
  // If false, token answers have no expires_in.
  bool announce_expiry = true;
  // If false, any token is good for every call.
  bool check_scopes = true;
  // If false, Idempotency-Key and record_id are ignored, so a repeated write happens twice.
  bool honour_idempotency = true;
  // How long a client may go on using a token after its first 401. Later use is a violation; the
  // grace covers requests that were already under way.
  duration stale_token_grace = std::chrono::minutes{1};
  // The age at which a conversation first counts in the metrics.
  duration metrics_delay{};
  // If zero, a promote is done at once and answered with 200. Otherwise it is answered with 202 and
  // done after this time, if the deployment is still active then. duration::max() means never.
  duration promote_delay{};
  answer_shapes shapes;
  // Gives rates and means thirty decimals, which is more than a double holds.
  bool long_numbers = false;
  traffic_options traffic;
};

struct stored_audit {
  std::string record_id;
  std::string bot_id;
  std::string job_id;
  std::string deployment_id;
  std::string action;
  std::string status;
  // The body of the first request.
  std::string body;
  moment arrived;
  std::uint64_t times_sent = 1;
};

struct stored_webhook {
  std::string name;
  std::string url;
  std::vector<std::string> events;
  bool active = true;
};

// The parts of one request.
struct asked_call {
  const net::request& message;
  const matched_call& where;
  // The bot that the request is about; empty if it names none.
  std::string_view bot_id;
  // Empty if the request's body is not a JSON object.
  const std::optional<boost::json::object>& body;
  std::string_view idempotency_key;
  moment when;
  const std::vector<const fault*>& striking;
};

class api {
 public:
  api(api_options options, instant start);

  net::response answer(const asked_call& asked);
  // Does what was accepted earlier and is due now.
  void do_what_is_due(moment when);

  // Makes every token given out so far invalid.
  void revoke_tokens() { tokens_.revoke_all(); }

  deployment_book& deployments() { return deployments_; }
  const deployment_book& deployments() const { return deployments_; }
  // In order of arrival, without repetitions.
  const std::deque<stored_audit>& audits() const { return audits_; }
  const std::vector<stored_webhook>& webhooks() const { return webhooks_; }
  chronicle& events() { return events_; }
  const chronicle& events() const { return events_; }

 private:
  struct used_key {
    // What the key was first used for.
    std::string action;
    // What the call made: the id of the deployment or audit record, or the name of the webhook.
    // Empty while the call has only been refused.
    std::string made;
  };

  net::response answer_authorized(const asked_call& asked);
  net::response answer_write(const asked_call& asked);
  net::response issue_token(const asked_call& asked);
  std::optional<net::response> refuse_token(const asked_call& asked);
  net::response metrics(const asked_call& asked);
  net::response list_webhooks(const asked_call& asked) const;
  net::response list_versions(const asked_call& asked) const;
  net::response find_deployments(const asked_call& asked) const;
  net::response deploy(const asked_call& asked, const boost::json::object& body);
  net::response refuse_share(const asked_call& asked, double share, double most);
  net::response change_deployment(const asked_call& asked, const boost::json::object& body);
  net::response change_traffic(const asked_call& asked, const boost::json::object& body,
                               deployment_record& changed);
  net::response conclude(const asked_call& asked, deployment_record& changed,
                         deployment_status wanted);
  net::response promote_later(const asked_call& asked, deployment_record& changed);
  net::response list(const asked_call& asked, std::vector<std::string> items) const;
  net::response register_webhook(const asked_call& asked, const boost::json::object& body);
  net::response store_audit(const asked_call& asked, const boost::json::object& body);
  // The first use of the request's key; nullptr for a request without a key.
  used_key* use_key(const asked_call& asked, std::string action);
  bool repeats(const used_key* use) const {
    return use != nullptr && !use->made.empty() && options_.honour_idempotency;
  }

  api_options options_;
  token_book tokens_;
  deployment_book deployments_;
  std::deque<stored_audit> audits_;
  std::unordered_map<std::string, std::size_t> audits_by_id_;
  std::vector<stored_webhook> webhooks_;
  std::unordered_map<std::string, used_key> keys_;
  // The ids of deployments whose promote was accepted, by the time when it will be done.
  std::multimap<instant, std::string> accepted_promotes_;
  chronicle events_;
};

// Writes a deployment as find_deployments and get_deployment show it.
std::string deployment_json(const deployment_record& shown);

}  // namespace canaryd::sim
