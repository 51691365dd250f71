// The driver of Cognigy.AI: a canary is a second endpoint behind a splitter. Every write is a
// value, so it is safe to repeat, and reading is the truth: what the API or the splitter says yes
// to is read back before it counts. A deployment's id is "<canary endpoint id>:<snapshot id>".
#pragma once

#include "canaryd/async/task_group.hpp"
#include "canaryd/async/wakeup.hpp"
#include "canaryd/metrics/arm_reader.hpp"
#include "canaryd/platform/answer_times.hpp"
#include "canaryd/platform/cognigy/client.hpp"
#include "canaryd/platform/cognigy/route.hpp"
#include "canaryd/platform/driver.hpp"
#include "canaryd/platform/splitter.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace canaryd::platform::cognigy {

// One thing that the configuration names, and whether it is as it has to be.
struct finding {
  // "project of bot orders".
  std::string what;
  result<void> outcome;
};

class cognigy_driver final : public driver {
 public:
  // What is given by reference outlives the driver. On failure of something that runs by itself,
  // which is a defect, `on_failure` is called.
  cognigy_driver(async::executor ex, settings from, net::transport& transport, rate_budget& budget,
                 splitter& shares, metrics::arm_reader& reader,
                 std::function<void()> on_failure = {});
  // Requires join().
  ~cognigy_driver() override;

  // Takes new settings for all calls that start from now on.
  void reconfigure(settings from);

  // Ends what a rollback has left to do in the background.
  void cancel() { tasks_.cancel(); }
  async::task<> join() { return tasks_.join(); }

  capabilities can() const override;
  platform::terms terms() const override;

  // What the canary endpoint serves, as long as its share is above 0; else nothing.
  async::task<result<canary::deployment_list>> find_deployments(const target& where,
                                                                priority rank) override;
  // `promoted` where the stable endpoint has the snapshot: a share that a promote was kept from
  // taking away is taken away. `active` where the canary endpoint has it and the share is above 0,
  // or was lost in a restart of the splitter. Else `rolled_back`.
  async::task<result<canary::deployment>> get_deployment(const target& where, std::string id,
                                                         priority rank) override;

  // True where exactly one snapshot of the project has the version as its name or id. Refused where
  // several have.
  async::task<result<bool>> version_is_listed(const target& where) override;

  // Refused where something is not as it has to be before a canary: preflight.hpp, and a share
  // above 0, unless it is what this deploy would set it to.
  async::task<result<std::string>> deploy(const target& where, const job::job& job,
                                          std::string key) override;
  // Asks the splitter alone.
  async::task<result<void>> change_traffic(const target& where, std::string id,
                                           double canary_percent, std::string key,
                                           priority rank) override;
  // Asks the splitter alone, at once. The canary endpoint is pointed back in the background, as far
  // as that works.
  async::task<result<void>> rollback(const target& where, std::string id, std::string reason,
                                     judge::metrics_sample metrics, std::string key, priority rank,
                                     std::function<void()> on_sent) override;
  // Refused where the canary endpoint has another snapshot, or the stable one another than at the
  // deploy: somebody else has changed it.
  async::task<result<void>> promote(const target& where, std::string id,
                                    judge::metrics_sample metrics, std::string key) override;

  // Refused: there are none.
  async::task<result<std::vector<webhook>>> list_webhooks(const target& where) override;
  async::task<result<void>> register_webhook(const target& where, webhook hook, std::string secret,
                                             std::string key) override;
  async::task<result<void>> audit(const target& where, canary::audit_record record) override;

  // Reads the arm's metrics once its share and its endpoint are as the query and the deployment
  // say. A share that was lost in a restart of the splitter is set again. Refused where somebody
  // else has changed the share or the endpoint. What the API does not answer in time is not waited
  // for, once it has told of the endpoint.
  async::task<poll_answer> poll(const target& where, metrics_query query) override;
  duration typical_poll() const override { return poll_times_.typical(); }

  // Asks for everything that the configuration names, and changes nothing.
  async::task<std::vector<finding>> find_out();
  // The same in one: fails with all that is wrong.
  async::task<result<void>> check() override;

  // Told of every request to the API.
  void observe_calls(call_observer observer) { client_.observe_calls(std::move(observer)); }
  // Told of what is odd, and does not keep a call from being done.
  using oddity_observer = std::function<void(const target& about, const std::string& text)>;
  void observe_oddities(oddity_observer observer) { on_oddity_ = std::move(observer); }

 private:
  // What is known of a route since this process began.
  struct memory {
    explicit memory(async::executor ex) : is_free{ex} {}

    // The share that this driver has set last.
    std::optional<basis_points> intended;
    // Which start of the splitter that share was set in; empty: not known.
    std::string splitter_start;
    // As they were last read.
    std::optional<endpoint> stable;
    std::optional<endpoint> canary;
    // The stable endpoint's entrypoint before the deploy.
    std::string entrypoint_before;
    // The canary endpoint is being pointed back. No deploy begins meanwhile: the PATCH could arrive
    // after its own.
    bool is_pointing_back = false;
    async::wakeup is_free;
  };
  class pointing_back;

  // A route with the deployment that a call is about.
  struct subject {
    route way;
    deployment_key key;
  };
  // The endpoints and the snapshot of a deploy.
  struct plan {
    listed_item snapshot;
    endpoint stable;
    endpoint canary;
    basis_points share_now = 0;
  };

  result<subject> find_subject(call which, const target& where, std::string_view id) const;
  result<route> find_way(call which, const target& where) const;
  memory& memory_of(const route& way);
  void tell_oddity(const route& about, const std::string& text);

  async::task<result<endpoint>> read_stable(errand why, route way);
  async::task<result<endpoint>> read_canary(errand why, route way);
  // True where the canary endpoint has the snapshot, and the share is above 0 or `may_be_lost` and
  // is lost.
  async::task<result<bool>> is_canary_live(errand why, subject about, basis_points share,
                                           bool may_be_lost);

  async::task<result<void>> know_project(errand why, std::string project_id);
  async::task<result<std::string>> name_version(errand why, route way, std::string entrypoint,
                                                std::string version);

  // cognigy_deploy.cpp
  async::task<result<plan>> make_plan(errand why, route way, std::string version);
  async::task<result<void>> check_plan(errand why, route way, plan made);
  async::task<result<void>> check_contents(errand why, plan made);
  async::task<result<void>> check_backends(call which, route way);
  async::task<result<void>> aim_canary(errand why, route way, plan made);
  async::task<result<void>> aim_stable(errand why, subject about);
  async::task<> wait_until_free(route way);
  async::task<> point_back(route way, std::string snapshot);

  // cognigy_share.cpp
  async::task<result<basis_points>> read_share(call which, route way);
  // Remembers the share as intended, whether it can be set or not.
  async::task<result<void>> set_share(call which, route way, basis_points share);
  async::task<result<backend_counters>> read_counters(call which, std::string backend);
  // True where the splitter has lost a share that this driver has set.
  async::task<result<bool>> has_lost_share(call which, route way);
  async::task<result<void>> keep_share(route way, double canary_percent);
  async::task<result<void>> restore_share(route way, basis_points found, basis_points wanted);

  // cognigy_poll.cpp
  struct reading;
  using sample_task = async::task<result<judge::metrics_sample>>;
  sample_task read_arm(const target& where, const metrics_query& query, reading& taken);
  sample_task read_sources(const target& where, const metrics_query& query, const subject& about,
                           const endpoint& served, reading& taken);
  async::task<result<void>> confirm_canary(errand why, subject about);
  // What an arm's endpoint serves, and whether the API has just said so.
  struct served_endpoint {
    endpoint found;
    bool is_new = false;
  };
  async::task<result<served_endpoint>> known_endpoint(errand why, subject about, arm which);
  result<subject> find_polled(const target& where, const std::string& id) const;

  async::task<> check_route(std::vector<finding>& found, route way);

  async::executor executor_;
  // Without the key, which the client has.
  settings settings_;
  client client_;
  splitter& splitter_;
  metrics::arm_reader& reader_;
  oddity_observer on_oddity_;
  // By bot and environment.
  std::map<std::string, memory> memories_;
  // Projects that were read with the present key.
  std::set<std::string> known_projects_;
  // Of the sources, and of the API beside them.
  answer_times poll_times_;
  answer_times confirm_times_;
  async::task_group tasks_;
};

}  // namespace canaryd::platform::cognigy
