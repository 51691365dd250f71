#include "complaints.hpp"

#include "canaryd/cli/screen.hpp"

#include <fmt/format.h>

namespace canaryd::cli {

exit_code say_failure(const error& failure, const output& to) {
  const bool answered = failure.kind == fault::malformed;
  complain(to, answered ? "bad_answer" : "no_daemon", failure.text);
  return answered ? failed : no_daemon;
}

exit_code say_refusal(const daemon_answer& answer, const output& to) {
  write_out(to.complaints, fmt::format("canaryctl: {}\n", complaint(answer)));
  if (to.json)
    write_document(to, answer.body);
  constexpr int not_a_job = 422;
  return answer.status == not_a_job || answer.status >= 500 ? failed : refused;
}

}  // namespace canaryd::cli
