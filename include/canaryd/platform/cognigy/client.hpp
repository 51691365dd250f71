// The calls of the Cognigy.AI API, each one attempt: it waits for the budget, sends, and says what
// the answer means. Nothing here creates or deletes anything.
#pragma once

#include "canaryd/async/task.hpp"
#include "canaryd/base/error.hpp"
#include "canaryd/net/transport.hpp"
#include "canaryd/platform/budget/rate_budget.hpp"
#include "canaryd/platform/calls.hpp"
#include "canaryd/platform/cognigy/codec.hpp"
#include "canaryd/text/secret.hpp"

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace canaryd::platform::cognigy {

struct client_options {
  // As in settings.
  std::string base_url;
  text::secret api_key;
  duration request_timeout = std::chrono::seconds{30};

  bool operator==(const client_options&) const = default;
};

// On whose behalf a request is made.
struct errand {
  // Named in errors and metrics.
  call which;
  priority rank;
  // No request waits or lasts longer.
  instant deadline = instant::max();
};

// Errors are those of platform/answer.hpp. Their text also names the request, and the `code` and
// `traceId` of the answer. All ids have to be object ids (refused).
class client {
 public:
  // What is given by reference outlives the client.
  client(client_options options, net::transport& transport, rate_budget& budget);

  // Takes new options for all requests that start from now on.
  void reconfigure(client_options options);
  const client_options& options() const { return options_; }
  // Told of every request.
  void observe_calls(call_observer observer) { observer_ = std::move(observer); }

  // Whether the project can be read with the key. A wrong key may be answered with a 500 here, and
  // the error says so.
  async::task<result<void>> read_project(errand why, std::string project_id);

  // The one snapshot of the project that has that name or id; nothing where there is none. Refused
  // where there are several.
  async::task<result<std::optional<listed_item>>> find_snapshot(errand why, std::string project_id,
                                                                std::string version);
  async::task<result<listed_item>> read_snapshot(errand why, std::string snapshot_id);
  // What a snapshot has of a type: "flow" or "locale".
  async::task<result<std::vector<listed_item>>> read_resources(errand why, std::string snapshot_id,
                                                               std::string type);

  async::task<result<endpoint>> read_endpoint(errand why, std::string endpoint_id);
  // Points an endpoint there, reads it back and returns it. Malformed where the API said yes and
  // the endpoint is not so. A repeat after an attempt that failed goes over a fresh connection.
  async::task<result<endpoint>> point_endpoint(errand why, std::string endpoint_id,
                                               endpoint_aim aim);

 private:
  struct outgoing {
    errand why;
    std::string method;
    // Behind the base URL.
    std::string path;
    std::string body = {};
  };

  async::task<result<std::string>> send(outgoing what);
  async::task<result<std::vector<listed_item>>> read_list(errand why, std::string path,
                                                          std::size_t page_size);
  result<net::request> make_request(const outgoing& what) const;
  result<std::string> read(const outgoing& what, result<net::response> reply);
  error with_origin(error problem, const outgoing& what, std::string_view body) const;
  error malformed(const outgoing& what, std::string_view problem, std::string_view body) const;
  void note_write(const outgoing& what, bool is_settled);

  client_options options_;
  net::transport& transport_;
  rate_budget& budget_;
  call_observer observer_;
  // The paths of writes whose newest attempt may have gone wrong on its way.
  std::set<std::string> unsettled_;
};

}  // namespace canaryd::platform::cognigy
