#include "canaryd/daemon/control/control_routes.hpp"

#include "canaryd/async/clock.hpp"
#include "canaryd/daemon/control/command_request.hpp"
#include "canaryd/daemon/control/job_json.hpp"
#include "canaryd/daemon/control/request_target.hpp"
#include "canaryd/daemon/tell/log.hpp"
#include "canaryd/text/enum_word.hpp"
#include "canaryd/text/json_write.hpp"
#include "canaryd/text/text.hpp"

#include <boost/json/array.hpp>
#include <fmt/format.h>

#include "control_table.hpp"
#include <utility>

namespace canaryd::daemon {
namespace json = boost::json;
namespace {

constexpr std::size_t max_readings = 1000;
constexpr std::size_t jobs_in_piece = 100;

control_answer wrong_method(const route& at) {
  auto answer = error_answer(405, "wrong_method", fmt::format("allowed: {}", at.methods));
  answer.answer.headers.push_back({"Allow", std::string{at.methods}});
  return answer;
}

control_answer no_such_job(const std::string& id) {
  return error_answer(404, "unknown_job", "there is no job " + text::printable_excerpt(id, 100));
}

control_answer store_trouble(const error& problem) {
  const bool unreadable = problem.kind == fault::malformed;
  return error_answer(unreadable ? 500 : 503, unreadable ? "unreadable" : "store", problem.text);
}

json::object view(const store::job_record& job) {
  return view_job(job.spec, job.canary, {async::clock::now(), async::clock::wall_now()});
}

// The answer lists each problem with its place.
control_answer problems_answer(int status, std::string_view error, std::string_view detail,
                               const text::problem_list& problems) {
  json::array errors;
  for (const auto& each : problems) {
    errors.push_back(json::object{{"pointer", each.pointer},
                                  {"message", each.message},
                                  {"line", each.line},
                                  {"column", each.column}});
  }
  return json_answer(
      status, json::object{{"error", error}, {"detail", detail}, {"errors", std::move(errors)}});
}

control_answer submission_answer(const submission_failure& failure) {
  switch (failure.kind) {
    case submission_fault::bad_name:
      return error_answer(400, "bad_name", failure.detail);
    case submission_fault::rejected:
      return problems_answer(422, "rejected", failure.detail, failure.problems);
    case submission_fault::conflict:
      return error_answer(409, "conflict", failure.detail);
    case submission_fault::no_room:
      return error_answer(503, "no_room", failure.detail);
    case submission_fault::waiting:
      return error_answer(503, "waiting", failure.detail);
    case submission_fault::system:
      break;
  }
  return error_answer(503, "system", failure.detail);
}

// Every refusal names the state, so that the operator sees why.
control_answer refusal(std::string_view detail, std::string_view state) {
  return json_answer(409, json::object{{"error", "refused"}, {"detail", detail}, {"state", state}});
}

json::array array_of(const std::vector<std::string>& texts) {
  json::array made;
  for (const auto& text : texts)
    made.push_back(json::value(text));
  return made;
}

void tell_command(std::string_view job, std::string_view what, std::string_view actor,
                  std::string_view words, const control_answer& answered) {
  const auto status = std::to_string(answered.answer.status);
  log(severity::info, topic::command, fmt::format("{} by {}", what, actor),
      {{"job", job, !job.empty()},
       {"command", what, false},
       {"actor", actor, false},
       {"comment", words, !words.empty()},
       {"answer", status}});
}

}  // namespace

async::task<control_answer> control_routes::answer(net::request asked, std::optional<peer> from) {
  const auto target = parse_target(asked.target.target);
  if (!target)
    co_return error_answer(400, "bad_request", "the target of the request must be a path");
  const auto* const found = find_route(target->path, from.has_value());
  if (found == nullptr)
    co_return error_answer(404, "not_found", "there is nothing here");
  if (!allows(*found, asked.method))
    co_return wrong_method(*found);
  const auto parameter = [&](std::string_view key) {
    const auto at = target->query.find(key);
    return at == target->query.end() ? std::nullopt : std::optional{at->second};
  };
  switch (found->what) {
    case endpoint::health:
      co_return json_answer(200, json::object{{"status", "ok"}});
    case endpoint::ready:
      co_return ready();
    case endpoint::metrics:
      co_return control_answer{
          {.status = 200,
           .headers = {{"Content-Type", "text/plain; version=0.0.4; charset=utf-8"}},
           .body = daemon_.metrics()}};
    case endpoint::status:
      co_return json_answer(200, view_status(daemon_.status()));
    case endpoint::reload:
      co_return reload(from->actor);
    case endpoint::events:
      co_return listen(parameter("job").value_or(""));
    case endpoint::job:
      co_return co_await show_job(target->path[2]);
    case endpoint::readings:
      co_return co_await show_readings(target->path[2]);
    case endpoint::command:
      co_return co_await give_command(target->path[2],
                                      *text::from_word<canary::command_kind>(target->path[3]),
                                      std::move(asked.body), from->actor);
    case endpoint::jobs:
      break;
  }
  if (asked.method != "POST")
    co_return list_jobs();
  co_return co_await submit(parameter("name"), std::move(asked.body), from->actor);
}

const store::unreadable_job* control_routes::find_unreadable(const std::string& id) const {
  const auto& all = daemon_.unreadable();
  const auto found = all.find(id);
  return found == all.end() ? nullptr : &found->second;
}

// Made in pieces: a hundred thousand jobs must neither stall the loop nor be one text in memory.
control_answer control_routes::list_jobs() const {
  auto more = [next = daemon_.next_job, unreadable = daemon_.unreadable, after = std::string{},
               pieces = 0, ended = false]() mutable -> std::string {
    if (ended)
      return {};
    std::string text = pieces++ == 0 ? "{\"jobs\":[" : "";
    for (std::size_t i = 0; i < jobs_in_piece; ++i) {
      const auto* job = next(after);
      const auto lost = unreadable().upper_bound(after);
      const bool is_lost =
          lost != unreadable().end() && (job == nullptr || lost->first < job->canary.job_id);
      ended = job == nullptr && !is_lost;
      if (ended)
        return text + "]}\n";
      if (!after.empty())
        text += ",";
      text += text::write_json(is_lost ? view_unreadable(lost->second) : view(*job),
                               text::json_layout::compact);
      after = is_lost ? lost->first : job->canary.job_id;
    }
    return text;
  };
  auto answered = json_answer(200, nullptr);
  answered.answer.body = more();
  if (!answered.answer.body.ends_with("]}\n"))
    answered.more = std::move(more);
  return answered;
}

async::task<control_answer> control_routes::show_job(std::string id) {
  if (const auto* job = daemon_.find_job(id); job != nullptr)
    co_return json_answer(200, view(*job));
  if (const auto* lost = find_unreadable(id); lost != nullptr)
    co_return json_answer(200, view_unreadable(*lost));
  const auto found = co_await daemon_.store.find(id);
  if (!found)
    co_return store_trouble(found.error());
  if (!*found)
    co_return no_such_job(id);
  co_return json_answer(200, view(**found));
}

async::task<control_answer> control_routes::show_readings(std::string id) {
  const auto readings = co_await daemon_.store.readings_of(id, max_readings);
  if (!readings)
    co_return store_trouble(readings.error());
  std::vector<job::metric_check> checks;
  if (const auto* job = daemon_.find_job(id); job != nullptr) {
    checks = job->spec.analysis.checks;
  } else if (find_unreadable(id) == nullptr) {
    const auto found = co_await daemon_.store.find(id);
    if (readings->empty() && !found)
      co_return store_trouble(found.error());
    if (readings->empty() && !*found)
      co_return no_such_job(id);
    if (found && *found)
      checks = (*found)->spec.analysis.checks;
  }
  json::array shown;
  for (const auto& each : *readings)
    shown.push_back(view_reading(each, checks));
  co_return json_answer(200, json::object{{"readings", std::move(shown)}});
}

async::task<control_answer> control_routes::submit(std::optional<std::string> name,
                                                   std::string bytes, std::string actor) {
  if (!name || name->empty())
    co_return error_answer(400, "no_name", "the query must name the job: ?name=orders");
  const auto shown = text::printable_excerpt(*name, 100);
  auto submitted = co_await daemon_.submit(*std::move(name), std::move(bytes));
  control_answer answered;
  if (submitted) {
    answered = co_await show_job(*submitted);
    if (answered.answer.status == 200)
      answered.answer.status = 201;
  } else {
    answered = submission_answer(submitted.error());
  }
  tell_command(shown, "submit", actor, "", answered);
  co_return answered;
}

async::task<control_answer> control_routes::give_command(std::string id, canary::command_kind what,
                                                         std::string body, std::string actor) {
  auto given = parse_command(body);
  if (!given)
    co_return problems_answer(400, "bad_request", text::describe(given.error().front(), "body"),
                              given.error());
  given->what = what;
  given->actor = actor;
  const auto words = given->reason;
  const auto outcome = co_await daemon_.command(id, *std::move(given));
  auto answered = co_await answer_of(id, what, outcome);
  tell_command(text::printable_excerpt(id, 100), to_string(what), actor, words, answered);
  co_return answered;
}

async::task<control_answer> control_routes::answer_of(std::string id, canary::command_kind what,
                                                      canary::command_outcome outcome) {
  switch (outcome.effect) {
    case canary::command_effect::done:
    case canary::command_effect::already:
      co_return co_await show_job(std::move(id));
    case canary::command_effect::refused:
      co_return refusal(outcome.detail,
                        find_unreadable(id) != nullptr ? "unreadable" : to_string(outcome.state));
    case canary::command_effect::not_written:
      co_return error_answer(503, "not_written", outcome.detail);
    case canary::command_effect::unknown_job:
      break;
  }
  co_return co_await refuse_ended(std::move(id), what);
}

async::task<control_answer> control_routes::refuse_ended(std::string id,
                                                         canary::command_kind what) {
  const auto found = co_await daemon_.store.find(id);
  if (!found)
    co_return store_trouble(found.error());
  if (!*found)
    co_return no_such_job(id);
  const auto& ended = **found;
  if (canary::judge_command(ended.canary, {.what = what}).effect == canary::command_effect::already)
    co_return json_answer(200, view(ended));
  co_return refusal("the job has ended", to_string(state_of(ended.canary)));
}

control_answer control_routes::listen(std::string job_id) {
  auto events = daemon_.events.listen(std::move(job_id));
  if (!events)
    return error_answer(
        503, "too_many_streams",
        fmt::format("only {} streams are allowed at a time", event_hub::max_listeners));
  control_answer answered{
      {.status = 200,
       .headers = {{"Content-Type", "text/event-stream"}, {"Cache-Control", "no-store"}}}};
  answered.events = std::move(events);
  return answered;
}

control_answer control_routes::reload(const std::string& actor) const {
  const auto outcome = daemon_.reload();
  auto answered =
      outcome.effect == reload_effect::taken
          ? json_answer(200, json::object{{"reloaded", true},
                                          {"needs_restart", array_of(outcome.needs_restart)}})
          : json_answer(outcome.effect == reload_effect::not_now ? 409 : 422,
                        json::object{{"error", "refused"},
                                     {"detail",
                                      "the configuration is refused, and no part of it is "
                                      "in force"},
                                     {"problems", array_of(outcome.problems)}});
  tell_command("", "reload", actor, "", answered);
  return answered;
}

control_answer control_routes::ready() const {
  const auto checks = daemon_.status().checks;
  return json_answer(checks.is_ready() ? 200 : 503, view_readiness(checks));
}

}  // namespace canaryd::daemon
