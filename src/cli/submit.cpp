#include "canaryd/cli/commands.hpp"
#include "canaryd/cli/json_members.hpp"
#include "canaryd/cli/validate.hpp"
#include "canaryd/job/job_file.hpp"
#include "canaryd/job/job_file_name.hpp"
#include "canaryd/text/operator_file.hpp"

#include <fmt/format.h>

#include "complaints.hpp"

namespace canaryd::cli {
namespace {

constexpr int rejected = 422;

std::size_t place_of(const boost::json::value& problem, std::string_view key) {
  return static_cast<std::size_t>(std::max(0.0, number_of(problem, key).value_or(0)));
}

checked_file read_rejection(const std::string& file, const boost::json::value& answer) {
  checked_file checked{.file = file};
  for (const auto& problem : array_of(answer, "errors"))
    checked.problems.push_back({.pointer = text_of(problem, "pointer"),
                                .message = text_of(problem, "message"),
                                .line = place_of(problem, "line"),
                                .column = place_of(problem, "column")});
  return checked;
}

// Prints the problems of a rejected file as validate prints them.
exit_code say_rejection(const std::string& file, const daemon_answer& answer, const output& to) {
  const auto checked = read_rejection(file, answer.body);
  if (checked.problems.empty() || to.json)
    return say_refusal(answer, to);
  auto complaints = to;
  complaints.results = to.complaints;
  write_lines(complaints, describe(checked));
  return failed;
}

exit_code submit_one(const control_client& daemon, const std::string& file,
                     std::vector<std::string>& job_ids, const output& to) {
  const auto bytes = text::read_operator_file(file, job::max_job_file_bytes);
  if (!bytes) {
    complain(to, "no_file", bytes.error().text);
    return failed;
  }
  const auto name = file.substr(file.rfind('/') + 1);
  if (const auto stem = job::job_file_stem(name); !stem) {
    complain(to, "bad_name", fmt::format("{}: {}", file, stem.error()));
    return failed;
  }
  const auto answer = daemon.post("/v1/jobs?name=" + url_part(name), *bytes);
  if (!answer)
    return say_failure(answer.error(), to);
  if (answer->status == rejected)
    return say_rejection(file, *answer, to);
  if (!is_fine(*answer))
    return say_refusal(*answer, to);
  const auto job_id = text_of(answer->body, "job_id");
  job_ids.push_back(job_id);
  if (to.json)
    write_document(to, answer->body);
  else
    write_lines(to, {fmt::format("{}: accepted as {}", file, job_id)});
  return fine;
}

}  // namespace

exit_code submit(const control_client& daemon, const std::vector<std::string>& files,
                 std::vector<std::string>& job_ids, const output& to) {
  auto code = fine;
  for (const auto& file : files) {
    code = worse(code, submit_one(daemon, file, job_ids, to));
    // The other files would fail in the same way.
    if (code == no_daemon)
      break;
  }
  return code;
}

}  // namespace canaryd::cli
