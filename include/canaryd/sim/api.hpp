// The API as it behaves when all is well: each call, checked as strictly as a client should expect
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

// How a list is written down, an empty one, and where the next page of a list is named.
enum class list_shape : std::uint8_t { items, bare };
enum class empty_shape : std::uint8_t { list, null, null_items, no_body, no_content };
enum class page_shape : std::uint8_t { url, cursor, link };

std::optional<list_shape> list_shape_named(std::string_view name);
std::optional<empty_shape> empty_shape_named(std::string_view name);
std::optional<page_shape> page_shape_named(std::string_view name);

// What answers may look like in the one API or the other.
struct answer_shapes {
  list_shape lists = list_shape::items;
  empty_shape empty_lists = empty_shape::list;
  // Items on a page; 0: all of them on one.
  std::size_t page_size = 0;
  page_shape pages = page_shape::url;
  // Lists have items that are none: without an id, and with a number for the version.
  bool odd_items = false;
};

struct api_options {
  std::string client_id = "demo";
  std::string client_secret = "demo-secret";
  duration token_lifetime = std::chrono::hours{1};
  // How long a token is at least.
  std::size_t token_bytes = 0;
  // False: token answers have no expires_in.
  bool announce_expiry = true;
  // False: any token is good for every call.
  bool check_scopes = true;
  // False: Idempotency-Key and record_id mean nothing, so a repeated write happens twice.
  bool honour_idempotency = true;
  // How long a client may go on with a token after the first 401 for it, before it is a violation:
  // requests already under way are innocent.
  duration stale_token_grace = std::chrono::minutes{1};
  // How long ago a conversation must have been to be seen by the metrics.
  duration metrics_delay{};
  // A promote is done at once and answered 200, or answered 202 and done so much later, where
  // nothing else has come of the deployment by then; duration::max() is never.
  duration promote_delay{};
  answer_shapes shapes;
  // Rates and means are answered with thirty decimals, which is more than a double holds.
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
  // As it came, the first time.
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

// One request, taken apart.
struct asked_call {
  const net::request& message;
  const route& where;
  // The bot that the request is about; empty where it names none.
  std::string_view bot_id;
  // Nothing where the request's body is not a JSON object.
  const std::optional<boost::json::object>& body;
  std::string_view idempotency_key;
  moment when;
  const std::vector<const fault*>& striking;
};

class api {
 public:
  api(api_options options, instant start);

  net::response answer(const asked_call& asked);
  // Does what was accepted earlier and is due by now.
  void do_what_is_due(moment when);

  // Every token given out so far stops working.
  void revoke_tokens() { tokens_.revoke_all(); }

  deployment_book& deployments() { return deployments_; }
  const deployment_book& deployments() const { return deployments_; }
  // In order of arrival, repetitions left out.
  const std::deque<stored_audit>& audits() const { return audits_; }
  const std::vector<stored_webhook>& webhooks() const { return webhooks_; }
  chronicle& events() { return events_; }
  const chronicle& events() const { return events_; }

 private:
  struct used_key {
    // What the key was first used for.
    std::string action;
    // What came of it: the deployment's id, the audit record's, the webhook's name; empty as long
    // as the call was refused.
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
  // The uses of the request's key so far; nullptr for a request without a key.
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
  // Ids of deployments whose promote was accepted, and when it is done.
  std::multimap<instant, std::string> accepted_promotes_;
  chronicle events_;
};

// A deployment as find_deployments and get_deployment show it.
std::string deployment_json(const deployment_record& shown);

}  // namespace canaryd::sim
