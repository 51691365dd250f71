#include "old_state.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include "support/read_file.hpp"
#include <set>
#include <stdexcept>

namespace canaryd::simulation {
namespace fs = std::filesystem;
namespace json = boost::json;
namespace {

// The former daemon did everything within this time before it was stopped.
constexpr std::chrono::minutes former_life{5};

std::string text_of(const json::object& from, std::string_view name) {
  return std::string{from.at(name).as_string()};
}

// Looks to the API like the former daemon.
class former_client {
 public:
  explicit former_client(machine& here) : here_{here} {
    const auto answer =
        send("POST", "/oauth/token",
             "grant_type=client_credentials&client_id=demo&client_secret=demo-secret&scope="
             "bot%3Adeploy%20metrics%3Aread%20webhook%3Amanage%20audit%3Awrite",
             {});
    token_ = text_of(json::parse(answer).as_object(), "access_token");
  }

  std::string send(std::string method, std::string target, std::string body, std::string key) {
    net::request asked{
        .method = std::move(method),
        .target = {.scheme = "https", .host = "api.test", .port = 443, .target = std::move(target)},
        .body = std::move(body)};
    asked.headers = {{"Accept", "application/json"},        {"User-Agent", "canaryd/0.1.0"},
                     {"Authorization", "Bearer " + token_}, {"X-Deployment-Type", "canary"},
                     {"X-Format-Verification", "strict"},   {"Idempotency-Key", std::move(key)}};
    const auto told = here_.world().handle(asked, here_.now().now, here_.now().wall);
    if (told.answer.status / 100 != 2)
      throw std::logic_error{fmt::format("the API does not do again what it did: {} {}",
                                         asked.target.target, told.answer.body)};
    return told.answer.body;
  }

 private:
  machine& here_;
  std::string token_;
};

void work_at_console(machine& here, const json::object& done) {
  const auto what = text_of(done, "console");
  auto& world = here.world();
  if (what == "deploy")
    (void)world.external_deploy(text_of(done, "bot_id"), text_of(done, "environment_id"),
                                text_of(done, "version"), done.at("canary").to_number<double>(),
                                here.now());
  else if (what == "promote")
    (void)world.external_promote(text_of(done, "deployment"), here.now());
  else
    (void)world.external_rollback(text_of(done, "deployment"), here.now());
}

}  // namespace

std::string old_state::sql() const {
  std::set<fs::path> parts;
  for (const auto& each : fs::directory_iterator{folder_}) {
    if (each.path().extension() == ".sql")
      parts.insert(each.path());
  }
  std::string all;
  for (const auto& part : parts)
    all += support::read_file(part);
  return all;
}

void old_state::bring_about(machine& here) {
  // The wall clock says how long ago the former daemon was stopped.
  here.time().clock().step_wall(-former_life);
  play_calls(here);
  here.inherit_state(sql());
  tell_records(here);
  note_jobs(here.directory() / "state" / "state.db");
}

void old_state::play_calls(machine& here) const {
  const auto stopped = here.now().now + former_life;
  former_client former{here};
  std::ifstream lines{folder_ / "api_calls.jsonl"};
  for (std::string line; std::getline(lines, line);) {
    const auto call = json::parse(line).as_object();
    here.run_until(stopped -
                   std::chrono::milliseconds{call.at("ms_before").to_number<std::int64_t>()});
    if (call.contains("console"))
      work_at_console(here, call);
    else
      former.send(text_of(call, "method"), text_of(call, "target"),
                  json::serialize(call.at("body")), text_of(call, "key"));
  }
  here.run_until(stopped);
}

// Gives the API the records that the rows call delivered.
void old_state::tell_records(machine& here) const {
  former_client former{here};
  store::connection state{here.directory() / "state" / "state.db"};
  auto found = state.query(
      "SELECT record_id, json_object('record_id', record_id, 'timestamp', created_at, 'bot_id', "
      "bot_id, 'job_id', job_id, 'deployment_id', deployment_id, 'action', action, 'status', "
      "status, 'metrics', json(metrics), 'source', 'canaryd/0.1.0') FROM audit_outbox "
      "WHERE delivered_at IS NOT NULL ORDER BY sequence");
  while (found.next())
    former.send("POST", "/api/v1/audit/logs", std::string{found.text(1)},
                std::string{found.text(0)});
}

void old_state::note_jobs(const fs::path& state_db) {
  store::connection state{state_db};
  auto found = state.query("SELECT job_id, state, reason, ended_at IS NOT NULL FROM jobs");
  while (found.next())
    jobs_[std::string{found.text(0)}] = {.state = std::string{found.text(1)},
                                         .reason = std::string{found.text(2)},
                                         .has_ended = found.integer(3) != 0};
}

}  // namespace canaryd::simulation
