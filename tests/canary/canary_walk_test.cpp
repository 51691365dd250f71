// Random histories: canaries against a small world that remembers what really happened, loses
// answers, refuses, and is changed by somebody else, while the daemon restarts now and then.
#include "canary_harness.hpp"
#include <map>
#include <random>

namespace canaryd::canary {
namespace {

class world {
 public:
  explicit world(std::uint64_t seed) : chance_{seed} {}

  bool happens(double probability) { return uniform() < probability; }
  double uniform() { return std::uniform_real_distribution<>{0.0, 1.0}(chance_); }
  template <class T>
  T one_of(std::initializer_list<T> choices) {
    return *(choices.begin() +
             std::uniform_int_distribution<std::size_t>{0, choices.size() - 1}(chance_));
  }

  // The answer to a call of this canary, after its effect on the world.
  event perform(const job::job& spec, const canary& asking, instant now);
  judge::verdict look() {
    if (!trouble)
      return judge::verdict::pass;
    return one_of({judge::verdict::pass, judge::verdict::pass, judge::verdict::pass,
                   judge::verdict::breach, judge::verdict::no_data,
                   judge::verdict::provider_error});
  }
  // Somebody at the console.
  void meddle() {
    for (auto& [id, status] : deployments) {
      if (status == "active")
        status = one_of({"promoted", "rolled_back"});
    }
  }
  bool anything_live() const {
    return !landings_.empty() || std::ranges::any_of(deployments, [](const auto& each) {
      return each.second == "active";
    });
  }

  // Ids sort by age.
  std::map<std::string, std::string> deployments;
  // The canary's shares that were set since its deploy.
  std::vector<double> shares;
  bool trouble = true;

 private:
  // The longest that a deploy whose answer was lost may take to show: less than request_timeout.
  static constexpr duration landing{20s};

  enum class effect : std::uint8_t { none, at_once, later };
  // A fault in place of the answer, and what the call did all the same.
  struct mishap {
    error what;
    effect had;
  };
  std::optional<mishap> roll_dice() {
    if (!trouble || happens(0.6))
      return std::nullopt;
    return one_of<mishap>({{problem(fault::refused, 403), effect::none},
                           {problem(fault::refused, 404), effect::none},
                           {problem(fault::no_token), effect::none},
                           {problem(fault::unreachable), effect::none},
                           {problem(fault::try_again, 503), effect::none},
                           {problem(fault::try_again, 504), effect::at_once},
                           {problem(fault::lost), effect::none},
                           {problem(fault::lost), effect::at_once},
                           {problem(fault::lost), effect::later},
                           {problem(fault::malformed, 200), effect::at_once}});
  }
  template <class Event, class Act>
  event answered(Act act) {
    const auto failed = roll_dice();
    if (!failed)
      return Event{act()};
    if (failed->had == effect::later && std::is_same_v<Event, deploy_answered>)
      landings_.push_back(now_ + landing);
    else if (failed->had != effect::none)
      act();
    return Event{std::unexpected{failed->what}};
  }
  // The call is accepted, and carried out later or never.
  result<void> promote(const std::string& id) {
    if (deployments.at(id) != "active" || !trouble || !happens(0.4))
      return change(id, "promoted");
    if (happens(0.7))
      promotes_.emplace_back(now_ + one_of<duration>({1s, 7s, 20s}), id);
    return {};
  }
  std::string deploy() {
    auto id = fmt::format("dep-{:03}", deployments.size() + 1);
    deployments[id] = "active";
    return trouble && happens(0.1) ? std::string{} : id;
  }
  result<void> change(const std::string& id, const std::string& wanted) {
    auto& status = deployments.at(id);
    if (status == "active")
      status = wanted;
    if (status != wanted)
      return refusal(409);
    return {};
  }
  result<void> set_share(const std::string& id, double percent) {
    if (deployments.at(id) != "active")
      return refusal(409);
    shares.push_back(percent);
    return {};
  }
  deployment show(const job::job& spec, const std::string& id) const {
    auto found = deployed_as(id, deployments.at(id));
    found.canary_percent = shares.empty() ? spec.steps[0].canary_percent : shares.back();
    return found;
  }
  std::vector<found_deployment> list() const {
    std::vector<found_deployment> all;
    for (const auto& [id, status] : deployments)
      all.push_back({deployed_as(id, status, "2.1.0", "2026-01-01T00:00:" + id.substr(4)), false});
    return all;
  }

  std::mt19937_64 chance_;
  instant now_;
  // When deploys that are still under way will show.
  std::vector<instant> landings_;
  // When promotes that were accepted will be done, and of which deployment.
  std::vector<std::pair<instant, std::string>> promotes_;
};

event world::perform(const job::job& spec, const canary& asking, instant now) {
  now_ = now;
  const auto landed = std::erase_if(landings_, [now](instant each) { return each <= now; });
  for (std::size_t i = 0; i < landed; ++i)
    deploy();
  for (const auto& [when, promoted] : std::exchange(promotes_, {})) {
    if (when > now)
      promotes_.emplace_back(when, promoted);
    else
      (void)change(promoted, "promoted");
  }
  const auto& id = asking.deployment_id;
  const auto surplus =
      asking.surplus_deployments.empty() ? std::string{} : asking.surplus_deployments.front();
  switch (operation_of(asking.next_call->what_for)) {
    case operation::check_version:
      return answered<version_checked>([] { return true; });
    case operation::look_up:
      return answered<looked_up>([&] { return list(); });
    case operation::register_webhook:
      return webhook_settled{};
    case operation::deploy:
      return answered<deploy_answered>([&] { return deploy(); });
    case operation::read_status:
      return answered<status_read>([&] { return show(spec, id); });
    case operation::change_traffic:
      return answered<traffic_changed>([&] { return set_share(id, next_share(spec, asking)); });
    case operation::promote:
      return answered<promote_answered>([&] { return promote(id); });
    case operation::rollback:
      return answered<rollback_answered>([&] { return change(id, "rolled_back"); });
    case operation::remove_traffic:
      return answered<traffic_removed>([] { return result<void>{}; });
    case operation::rollback_surplus:
      return answered<surplus_answered>([&] { return change(surplus, "rolled_back"); });
    case operation::read_surplus:
      return answered<surplus_read>([&] { return deployed_as(surplus, deployments.at(surplus)); });
  }
  return resumed{};
}

class canary_walk : public canary_test {
 protected:
  void vary_the_job(world& around) {
    spec = five_minute_job();
    spec.failure_limit = around.one_of({1, 2, 3});
    spec.provider_error_limit = around.one_of({1, 2, 5, 10});
    spec.no_data_limit = around.one_of({0, 2});
    spec.max_extension = around.one_of<duration>({0s, 45s, 300s});
    spec.on_inconclusive =
        around.one_of({job::inconclusive_rule::extend, job::inconclusive_rule::rollback,
                       job::inconclusive_rule::promote});
    spec.gate_timeout = 10min;
    spec.steps[0].hold = around.one_of<duration>({30s, 100s, 300s});
    for (const double percent : {20.0, 50.0}) {
      if (around.happens(0.4))
        spec.steps.push_back({percent, 60s, around.happens(0.3)});
    }
    spec.approve_promotion = around.happens(0.2);
    spec.webhook_url = around.one_of({"", "https://ci.example.com/hook"});
    at = {.now = instant{1h}, .wall = wall_time{400'000h}};
    at.checks_versions = around.happens(0.3);
  }

  // Whatever falls due first happens: a reading or an answer. Or the daemon dies before it learns
  // of that.
  void go_on(world& around) {
    at.random = around.uniform();
    const bool reading_first =
        is_watched(current) &&
        (!current.next_call || current.hold.next_due <= current.next_call->not_before);
    wait_for(reading_first ? current.hold.next_due : current.next_call->not_before);
    const event what = reading_first
                           ? poll_answered{sample_for(around.look()), 15min, current.hold.step}
                           : around.perform(spec, current, at.now);
    if (around.trouble && around.happens(0.02))
      around.meddle();
    if (around.trouble && around.happens(0.03)) {
      after(around.one_of<duration>({1s, 1h}));
      return checked(resumed{});
    }
    checked(what);
    if (around.trouble && around.happens(0.03)) {
      checked(commanded{{.what = around.one_of({command_kind::abort, command_kind::pause,
                                                command_kind::resume, command_kind::promote}),
                         .actor = "operator(1000)"}});
    }
    if (state_of(current) == canary_state::waiting_approval && around.happens(0.3))
      checked(commanded{{.what = command_kind::approve, .actor = "operator(1000)"}});
  }

  void checked(const event& what) {
    const auto before = current;
    happens(what);
    expect_breach_past_its_limit_rolls_back(before, what);
    expect_promote_for_a_cause(before);
    expect_look_up_between_deploys(before, what);
  }

  void expect_breach_past_its_limit_rolls_back(const canary& before, const event& what) const {
    if (!is_watched(before) || !std::holds_alternative<poll_answered>(what))
      return;
    const bool past = current.newest->outcome == judge::verdict::breach &&
                      before.hold.breaches + 1 >= spec.failure_limit;
    if (past)
      EXPECT_EQ(state_of(current), canary_state::rolling_back);
  }

  void expect_promote_for_a_cause(const canary& before) const {
    if (state_of(current) == canary_state::promoting && is_holding(before) &&
        why_of(current) != reason::operator_promote) {
      EXPECT_EQ(static_cast<std::size_t>(current.hold.step) + 1, spec.steps.size());

      const bool allowed = spec.on_inconclusive == job::inconclusive_rule::promote &&
                           current.newest->outcome == judge::verdict::no_data;
      EXPECT_TRUE(current.newest->outcome == judge::verdict::pass || allowed);
    }
    if (why_of(current) == reason::operator_promote && why_of(before) != reason::operator_promote)
      EXPECT_NE(current.newest->outcome, judge::verdict::breach);
    if (state_of(current) == canary_state::promoted_to_stable && !is_final(before))
      EXPECT_TRUE(state_of(before) == canary_state::promoting ||
                  why_of(current) == reason::external_change);
  }

  // A deploy that may have landed is never repeated before a list has shown that it did not.
  void expect_look_up_between_deploys(const canary& before, const event& what) const {
    const bool sends = current.next_call &&
                       operation_of(current.next_call->what_for) == operation::deploy &&
                       current.next_call != before.next_call;
    if (!sends || !is_deploy_uncertain(before) || state_of(before) != canary_state::deploying)
      return;
    const auto* list = std::get_if<looked_up>(&what);
    EXPECT_TRUE(list != nullptr && list->found.has_value());
  }

  void expect_orderly_audit() const {
    int outcomes = 0;
    for (std::size_t i = 0; i < audit.size(); ++i) {
      EXPECT_EQ(audit[i].record_id, fmt::format("u1-{}", i + 1));
      const bool done = audit[i].action == audit_action::canary_completed ||
                        audit[i].action == audit_action::canary_failed ||
                        (audit[i].action == audit_action::canary_rollback &&
                         audit[i].status == audit_status::success);
      outcomes += done ? 1 : 0;
    }
    EXPECT_EQ(outcomes, 1);
  }

  // However often a traffic change was repeated, no share was left out and none came back.
  void expect_shares_step_by_step(std::vector<double> shares) const {
    shares.erase(std::ranges::unique(shares).begin(), shares.end());
    for (std::size_t i = 0; i < shares.size(); ++i) {
      ASSERT_LT(i + 1, spec.steps.size());
      EXPECT_EQ(shares[i], spec.steps[i + 1].canary_percent);
    }
  }

  void walk(std::uint64_t seed) {
    world around{seed};
    vary_the_job(around);
    current = make_canary("nightly", "u1", spec);
    audit.clear();
    happens(accepted{});
    const int troubled_events = 20 + static_cast<int>(around.uniform() * 150);
    for (int i = 0; i < troubled_events && !is_final(current); ++i)
      go_on(around);
    around.trouble = false;
    for (int i = 0; i < 200 && !is_final(current); ++i)
      go_on(around);
    EXPECT_TRUE(is_final(current)) << "still " << to_string(state_of(current));
    // A promote that was accepted may not be carried out yet, or never. Then it is not called
    // verified.
    if (is_verified(current) != false || state_of(current) != canary_state::promoted_to_stable)
      EXPECT_FALSE(around.anything_live());
    EXPECT_EQ(is_verified(current).has_value(), state_of(current) != canary_state::failed);
    verified[is_verified(current).value_or(true)] += 1;
    expect_shares_step_by_step(around.shares);
    expect_orderly_audit();
    ++ends[state_of(current)];
  }

  std::map<canary_state, int> ends;
  std::map<bool, int> verified;
};

TEST_F(canary_walk, whatever_happens_it_ends_and_leaves_nothing_live) {
  for (std::uint64_t seed = 1; seed <= 4000 && !HasFailure(); ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    walk(seed);
  }
  // The walks have been everywhere.
  EXPECT_GT(ends[canary_state::promoted_to_stable], 100);
  EXPECT_GT(ends[canary_state::rolled_back], 100);
  EXPECT_GT(ends[canary_state::failed], 100);
  EXPECT_GT(verified[false], 20);
}

}  // namespace
}  // namespace canaryd::canary
