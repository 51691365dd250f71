// Takes job files that come over the control socket (reference: "Control API"). It puts them into
// incoming/, as an operator would, and waits until they are taken.
#pragma once

#include "canaryd/async/wakeup.hpp"
#include "canaryd/daemon/intake/intake.hpp"
#include "canaryd/daemon/intake/spool.hpp"
#include "canaryd/text/problem.hpp"

#include <cstdint>
#include <expected>
#include <functional>
#include <list>
#include <optional>
#include <string>

namespace canaryd::daemon {

enum class submission_fault : std::uint8_t {
  bad_name,  // the name is not allowed; nothing was written
  rejected,  // it is not a valid job; `problems` says why. Only a file that parses is written
  conflict,  // a file of that name waits in incoming/
  no_room,   // no job can be taken now; nothing was written
  system,    // it could not be written
  waiting,   // it is in incoming/, but was not taken in time
};

struct submission_failure {
  submission_fault kind = submission_fault::system;
  std::string detail;
  text::problem_list problems = {};
};

// The id of the job that the file became.
using submission_result = std::expected<std::string, submission_failure>;

class submissions {
 public:
  // Observes `taker` from now on. `obstacle` says why no job can be taken now, and returns an empty
  // text if one can.
  submissions(async::executor ex, spool where, intake& taker,
              std::function<std::string()> obstacle);

  // `name` is the file's name, with or without ".json".
  async::task<submission_result> submit(std::string name, std::string bytes);

 private:
  struct waiting_file {
    std::string name;
    async::wakeup bell;
    std::optional<intake::decision> settled;
  };

  void on_decision(const std::string& name, const intake::decision& what);
  async::task<submission_result> wait_for(std::list<waiting_file>::iterator file);

  async::executor executor_;
  spool spool_;
  intake& taker_;
  std::function<std::string()> obstacle_;
  std::list<waiting_file> waiting_;
};

}  // namespace canaryd::daemon
