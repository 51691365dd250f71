#include "invariants.hpp"

#include "canaryd/canary/audit_chain.hpp"
#include "canaryd/canary/audit_check.hpp"

#include <boost/json/parse.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "support/read_file.hpp"
#include <algorithm>
#include <iterator>
#include <ranges>
#include <sstream>

namespace canaryd::simulation {
namespace fs = std::filesystem;
namespace json = boost::json;
namespace {

std::string word_of(const canary::canary& ended) {
  const auto why = why_of(ended);
  return fmt::format("{}/{}", to_string(state_of(ended)), why ? to_string(*why) : "none");
}

// True if somebody else has settled the deployment at the console.
bool is_by_others(const sim::deployment_record& deployment) {
  return deployment.history.back().cause.starts_with("external");
}

class inspection {
 public:
  inspection(const history& what, machine& here, std::string_view critical_log)
      : history_{what}, here_{here}, critical_log_{critical_log} {}

  std::vector<std::string> run() {
    for (const auto& [job_id, seen] : here_.seen().jobs()) {
      const auto job = here_.stored_job(job_id);
      check_outcome(job, seen);
      check_deployments(job);
      check_audit(job);
      check_files(job);
    }
    check_audit_file();
    check_world();
    check_secrets();
    return std::move(problems_);
  }

 private:
  template <class... Values>
  void complain(const store::job_record& job, fmt::format_string<Values...> text,
                Values&&... values) {
    problems_.push_back(fmt::format("{} ({}): {}", job.canary.job_id, word_of(job.canary),
                                    fmt::format(text, std::forward<Values>(values)...)));
  }

  void check_outcome(const store::job_record& job, const ledger::entry& seen) {
    const auto& canary = job.canary;
    if (!canary::is_final(canary))
      complain(job, "has not ended");
    const bool by_others = why_of(canary) == canary::reason::external_change;
    const bool promoted = state_of(canary) == canary::canary_state::promoted_to_stable;
    if (seen.must_roll_back && promoted && !by_others)
      complain(job, "breached past its limit and was promoted");
    if (why_of(canary) == canary::reason::passed && job.spec.version.ends_with("-bad") &&
        !history_.age_is_uncertain && !was_held_against_a_bad_one(job))
      complain(job, "is a bad version and was promoted");
    if (why_of(canary) == canary::reason::passed && canary.readings.pass == 0)
      complain(job, "was promoted without a passing reading");
    if (history_.api_never_failed && canary.readings.provider_error > 0)
      complain(job, "counts {} failed polls of an API that never failed",
               canary.readings.provider_error);
    if (why_of(canary) == canary::reason::threshold_breach && canary.readings.breach == 0)
      complain(job, "was rolled back for a breach that no reading shows");
  }

  // No canary is worse than an equally bad stable arm. The stable arm is bad after a bad version
  // was promoted at the console, by force or without data, or after this version was, before the
  // daemon knew.
  bool was_held_against_a_bad_one(const store::job_record& job) {
    if (job::compares_with_limits(job.spec))
      return false;
    std::vector<const sim::deployment_record*> promoted;
    for (const auto& each : here_.world().deployments()) {
      if (each.bot_id == job.spec.bot_id && each.version.ends_with("-bad") &&
          each.status == sim::deployment_status::promoted)
        promoted.push_back(&each);
    }
    const auto own =
        std::ranges::find(promoted, job.spec.version, &sim::deployment_record::version);
    return own != promoted.end() &&
           (is_by_others(**own) || std::ranges::any_of(promoted, [&](const auto* each) {
              return each->history.back().when.now < (*own)->history.back().when.now;
            }));
  }

  void check_deployments(const store::job_record& job) {
    std::size_t made = 0;
    std::size_t settled_by_others = 0;
    std::size_t promoted = 0;
    std::size_t promoted_by_others = 0;
    std::size_t unverified = 0;
    for (const auto& deployment : here_.world().deployments()) {
      if (deployment.version != job.spec.version || deployment.bot_id != job.spec.bot_id)
        continue;
      check_shares(job, deployment);
      const bool is_excused = deployment.is_being_promoted && is_verified(job.canary) == false;
      unverified += is_excused ? 1 : 0;
      if (deployment.status == sim::deployment_status::active && !is_excused)
        complain(job, "its deployment {} is still live", deployment.id);
      const bool is_promoted = deployment.status == sim::deployment_status::promoted;
      // The daemon is not responsible for what others settled before it knew.
      const bool by_others = is_by_others(deployment);
      (by_others ? settled_by_others : made) += 1;
      (by_others ? promoted_by_others : promoted) += is_promoted ? 1 : 0;
    }
    const bool ends_promoted = state_of(job.canary) == canary::canary_state::promoted_to_stable;
    if (promoted > (ends_promoted ? 1U : 0U))
      complain(job, "{} of its deployments were promoted", promoted);
    // A promote that was accepted but never done must not count as verified.
    if (ends_promoted && promoted + promoted_by_others == 0 && unverified != 1)
      complain(job, "none of its deployments was promoted");
    if (state_of(job.canary) == canary::canary_state::rolled_back && made + settled_by_others == 0)
      complain(job, "was rolled back and never deployed");
    // If the disk failed and the daemon died, it may have forgotten a canary that it rolled back.
    const auto forgotten = fmt::format("audit record not on disk yet job={} ", job.canary.job_id);
    if (made > 1 && critical_log_.find("surplus") == std::string_view::npos &&
        critical_log_.find("more than one deployment") == std::string_view::npos &&
        critical_log_.find(forgotten) == std::string_view::npos)
      complain(job, "has {} deployments, and nobody was told", made);
  }

  // Checks the records of one job, in the order in which they first reached the API.
  void check_audit(const store::job_record& job) {
    std::vector<std::string> actions;
    std::vector<std::string> ids;
    std::map<std::string, std::string> bodies;
    for (const auto& record : here_.world().audits()) {
      if (record.job_id != job.canary.job_id)
        continue;
      const auto [known, is_new] = bodies.emplace(record.record_id, record.body);
      if (!is_new && known->second != record.body)
        complain(job, "record {} was told in two ways", record.record_id);
      if (!is_new)
        continue;
      ids.push_back(record.record_id);
      actions.push_back(record.action + "/" + record.status);
    }
    for (std::uint32_t number = 1; number <= job.canary.records_made; ++number) {
      const auto wanted = fmt::format("{}-{}", job.canary.uid, number);
      if (number > ids.size() || ids[number - 1] != wanted)
        complain(job, "record {} is missing or out of order", number);
    }
    if (ids.size() != job.canary.records_made)
      complain(job, "{} records were made, {} told", job.canary.records_made, ids.size());
    check_steps(job, actions);
    check_order(job, actions);
  }

  // If records also go to a file, it has each of them once, those of a job in order, in a chain.
  void check_audit_file() {
    const auto& audit = here_.settings().audit;
    if (std::ranges::find(audit.sinks, canaryd::delivery::audit_sink::file) == audit.sinks.end())
      return;
    canary::chain_check chain;
    chain.begin_file("audit.file");
    std::vector<std::string> ids;
    std::istringstream lines{support::read_file(audit.file)};
    for (std::string line; std::getline(lines, line);) {
      chain.add(line, !lines.eof());
      if (const auto read = canary::read_chain_line(line))
        ids.push_back(read->record_id);
    }
    for (const auto& found : chain.finish().findings)
      problems_.push_back(fmt::format("audit.file:{}: {}", found.line, found.text));
    for (const auto& [job_id, seen] : here_.seen().jobs()) {
      const auto job = here_.stored_job(job_id);
      std::vector<std::string> wanted;
      for (std::uint32_t number = 1; number <= job.canary.records_made; ++number)
        wanted.push_back(fmt::format("{}-{}", job.canary.uid, number));
      std::vector<std::string> own;
      std::ranges::copy_if(ids, std::back_inserter(own), [&](const std::string& id) {
        return id.starts_with(job.canary.uid + "-");
      });
      if (own != wanted)
        complain(job, "its records in audit.file are {}", fmt::join(own, " "));
    }
  }

  // Checks that no share was left out, reported twice, or set without the approval that it needs.
  void check_steps(const store::job_record& job, const std::vector<std::string>& actions) {
    const auto taken = std::ranges::count(actions, "canary_step/success");
    const auto approved = std::ranges::count(actions, "canary_approved/success");
    if (taken != job.canary.hold.step)
      complain(job, "is at step {} and has told of {}", job.canary.hold.step + 1, taken + 1);
    const auto gates = std::ranges::count_if(
        job.spec.steps | std::views::take(job.canary.hold.step + 1), &job::traffic_step::approve);
    const bool is_last = job.spec.approve_promotion && why_of(job.canary) == canary::reason::passed;
    if (approved < gates + (is_last ? 1 : 0))
      complain(job, "has passed {} gates with {} approvals", gates + (is_last ? 1 : 0), approved);
  }

  void check_shares(const store::job_record& job, const sim::deployment_record& deployment) {
    std::size_t step = 0;
    for (const auto& change : deployment.history | std::views::drop(1)) {
      if (change.cause != "change_traffic" || change.canary_percent == 0.0)
        continue;
      ++step;
      if (step >= job.spec.steps.size() ||
          change.canary_percent != job.spec.steps[step].canary_percent)
        complain(job, "{} was given {} % as step {}", deployment.id, change.canary_percent,
                 step + 1);
    }
  }

  void check_order(const store::job_record& job, std::vector<std::string> actions) {
    const auto told = fmt::format("{}", fmt::join(actions, " "));
    for (const auto* any_time :
         {"canary_extended/success", "canary_paused/success", "canary_resumed/success",
          "canary_aborted/success", "canary_step/success", "canary_step/failure",
          "canary_approved/success"})
      std::erase(actions, any_time);
    std::erase(actions, "canary_rollback/failure");
    const bool deployed = !actions.empty() && actions.front() == "canary_initiated/success";
    if (deployed)
      actions.erase(actions.begin());
    const bool triggered = !actions.empty() && actions.front() == "canary_rollback/triggered";
    if (triggered)
      actions.erase(actions.begin());
    const auto last = actions.size() == 1 ? actions.front() : std::string{"(none or several)"};
    const auto state = state_of(job.canary);
    const bool fits =
        state == canary::canary_state::promoted_to_stable ? last == "canary_completed/success"
        : state == canary::canary_state::rolled_back      ? last == "canary_rollback/success"
                                                          : last == "canary_failed/failure";
    const bool needs_trigger = state == canary::canary_state::rolled_back &&
                               why_of(job.canary) != canary::reason::external_change;
    if (!fits || (needs_trigger && !triggered) ||
        (state != canary::canary_state::failed && !deployed && !triggered))
      complain(job, "its records do not tell what happened: {}", told);
  }

  void check_files(const store::job_record& job) {
    if (history_.files_were_removed)
      return;
    const auto id = job.canary.job_id;
    if (!fs::exists(here_.folder("done") / (id + ".json")))
      complain(job, "no job file in done/");
    const auto text = support::read_file(here_.folder("done") / (id + ".result.json"));
    boost::system::error_code broken;
    const auto result = json::parse(text, broken);
    if (broken || !result.is_object()) {
      complain(job, "no result file, or a broken one: \"{}\"", text);
      return;
    }
    const auto told = fmt::format("{}/{}", result.at("status").as_string().c_str(),
                                  result.at("reason").as_string().c_str());
    if (told != word_of(job.canary))
      complain(job, "its result file says {}", told);
    const auto verified =
        is_verified(job.canary) ? json::value(*is_verified(job.canary)) : json::value{};
    if (result.at("verified") != verified)
      complain(job, "its result file says another thing of how it was verified");
  }

  void check_world() {
    for (const auto& violation : here_.world().violations())
      problems_.push_back(
          fmt::format("API: {}: {}", sim::to_string(violation.kind), violation.text));
    for (const auto& deployment : here_.world().deployments()) {
      // If its promote was accepted, the check of its job covers it.
      if (deployment.status == sim::deployment_status::active && !deployment.is_being_promoted)
        problems_.push_back(fmt::format("deployment {} is still live", deployment.id));
    }
  }

  void check_secrets() {
    for (const auto& file : fs::recursive_directory_iterator{here_.directory()}) {
      if (!file.is_regular_file())
        continue;
      const auto text = support::read_file(file.path());
      for (const auto* secret : {"demo-secret", "hook-secret", "simulated-token"}) {
        if (text.find(secret) != std::string::npos)
          problems_.push_back(fmt::format("{} contains a secret", file.path().filename().string()));
      }
    }
  }

  const history& history_;
  machine& here_;
  std::string_view critical_log_;
  std::vector<std::string> problems_;
};

}  // namespace

std::map<std::string, std::string> outcomes_of(machine& here) {
  std::map<std::string, std::string> outcomes;
  for (const auto& [job_id, seen] : here.seen().jobs())
    outcomes.emplace(job_id, word_of(here.stored_job(job_id).canary));
  return outcomes;
}

std::vector<std::string> broken_rules(const history& what, machine& here,
                                      std::string_view critical_log) {
  return inspection{what, here, critical_log}.run();
}

}  // namespace canaryd::simulation
