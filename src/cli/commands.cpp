#include "canaryd/cli/commands.hpp"

#include "canaryd/cli/job_table.hpp"
#include "canaryd/cli/json_members.hpp"
#include "canaryd/cli/screen.hpp"
#include "canaryd/text/text.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "complaints.hpp"
#include "watch_text.hpp"
#include <algorithm>

namespace canaryd::cli {
namespace {

// Returns the body of the answer if it is fine. Otherwise says what is wrong and sets `code`.
std::optional<boost::json::value> ask(const result<daemon_answer>& answer, const output& to,
                                      exit_code& code) {
  if (!answer) {
    code = say_failure(answer.error(), to);
    return std::nullopt;
  }
  if (!is_fine(*answer)) {
    code = say_refusal(*answer, to);
    return std::nullopt;
  }
  code = fine;
  return answer->body;
}

std::vector<std::string> sorted_ids(const std::vector<job_info>& jobs) {
  std::vector<std::string> ids;
  ids.reserve(jobs.size());
  for (const auto& job : jobs)
    ids.push_back(job.job_id);
  std::ranges::sort(ids);
  return ids;
}

// Returns the jobs of `listed` that are in `state`, or all of them if it is empty.
boost::json::array jobs_in(const boost::json::value& listed, const std::string& state) {
  boost::json::array chosen;
  for (const auto& job : array_of(listed, "jobs")) {
    if (state.empty() || read_job_info(job).state == state)
      chosen.push_back(job);
  }
  return chosen;
}

std::vector<reading_info> readings_in(const boost::json::value& listed) {
  std::vector<reading_info> readings;
  for (const auto& reading : array_of(listed, "readings"))
    readings.push_back(read_reading_info(reading));
  return readings;
}

std::vector<std::string> texts_in(const boost::json::value& answer, std::string_view key) {
  std::vector<std::string> texts;
  for (const auto& each : array_of(answer, key)) {
    if (each.is_string())
      texts.emplace_back(each.get_string());
  }
  return texts;
}

}  // namespace

exit_code list_jobs(const control_client& daemon, list_form form, const std::string& state,
                    const output& to) {
  auto code = fine;
  const auto listed = ask(daemon.get("/v1/jobs"), to, code);
  if (!listed)
    return code;
  const auto chosen = jobs_in(*listed, state);
  if (to.json) {
    write_document(to, boost::json::object{{"jobs", chosen}});
    return fine;
  }
  std::vector<job_info> jobs;
  for (const auto& job : chosen)
    jobs.push_back(read_job_info(job));
  write_lines(to, form == list_form::ids ? sorted_ids(jobs)
                                         : render_jobs(std::move(jobs), wall_now(), to.look));
  return fine;
}

exit_code show_job(const control_client& daemon, const std::string& job_id, const output& to) {
  auto code = fine;
  const auto job = ask(daemon.get(job_target(job_id)), to, code);
  if (!job)
    return code;
  if (to.json) {
    write_document(to, *job);
    return fine;
  }
  const auto listed = daemon.get(job_target(job_id, "/readings"));
  const auto readings =
      listed && is_fine(*listed) ? readings_in(listed->body) : std::vector<reading_info>{};
  write_lines(to, render_job_details(read_job_info(*job), readings, wall_now(), to.look));
  return fine;
}

exit_code show_history(const control_client& daemon, const std::string& job_id, const output& to) {
  auto code = fine;
  const auto answer = ask(daemon.get(job_target(job_id, "/readings")), to, code);
  if (!answer)
    return code;
  if (to.json) {
    write_document(to, *answer);
    return fine;
  }
  const auto columns = to.live ? std::optional{size_of_terminal(to.results).columns} : std::nullopt;
  write_lines(to, render_readings(readings_in(*answer), columns, to.look));
  return fine;
}

exit_code show_status(const control_client& daemon, const output& to) {
  auto code = fine;
  const auto status = ask(daemon.get("/v1/status"), to, code);
  if (!status)
    return code;
  if (to.json)
    write_document(to, *status);
  else
    write_lines(to, render_facts(*status, to.look));
  return fine;
}

exit_code reload(const control_client& daemon, const output& to) {
  const auto answer = daemon.post("/v1/reload", "");
  if (!answer)
    return say_failure(answer.error(), to);
  const auto problems = texts_in(answer->body, "problems");
  if (problems.empty() && !is_fine(*answer))
    return say_refusal(*answer, to);
  for (const auto& line : problems)
    write_out(to.complaints, fmt::format("canaryctl: {}\n", text::printable(line)));
  for (const auto& key : texts_in(answer->body, "needs_restart"))
    write_out(to.complaints, fmt::format("canaryctl: {} needs a restart to take effect\n", key));
  if (to.json)
    write_document(to, answer->body);
  else if (is_fine(*answer))
    write_lines(to, {"configuration reloaded"});
  return is_fine(*answer) ? fine : refused;
}

exit_code send_command(const control_client& daemon, std::string_view command,
                       const std::string& job_id, const boost::json::object& details,
                       const output& to) {
  auto code = fine;
  const auto job = ask(
      daemon.post(job_target(job_id, fmt::format("/{}", command)), boost::json::serialize(details)),
      to, code);
  if (!job)
    return code;
  if (to.json)
    write_document(to, *job);
  else
    write_lines(to, {job_id + ": " + state_text(read_job_info(*job))});
  return fine;
}

}  // namespace canaryd::cli
