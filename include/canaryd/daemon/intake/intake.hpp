// Takes one file out of incoming/. The file becomes a job, or moves to rejected/ with every reason
// (reference: "Job files", "Folders").
#pragma once

#include "canaryd/async/task.hpp"
#include "canaryd/daemon/intake/spool.hpp"
#include "canaryd/job/job_file.hpp"
#include "canaryd/store/store.hpp"

#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <set>
#include <string>

namespace canaryd::daemon {

// What happened to a file.
enum class intake_result : std::uint8_t {
  settled,     // taken, rejected, ignored or gone: nothing is left to do
  exchanged,   // another file took its name meanwhile: look at that one
  unfinished,  // does not parse and may not be complete yet: try again in a moment
  left,        // cannot be taken (a link, a folder, not readable): it stays, with one warning
  held,        // the store or the disk cannot take it now: try again in a moment
};

class intake {
 public:
  using job_sink = std::function<void(store::job_record)>;
  // The id of the job that a file became, or why it was rejected.
  using decision = std::expected<std::string, text::problem_list>;
  using decision_observer = std::function<void(const std::string& name, const decision& what)>;
  // Calls `accept` with each job that has been committed to the store. `make_uid` makes a text that
  // is unique among all jobs ever.
  intake(spool where, store::store& store, std::function<std::string()> make_uid, job_sink accept);

  // `base_urls`: where the API of each platform is, by the platform's name.
  void reconfigure(job::job_rules rules, std::map<std::string, std::string> base_urls);
  const job::job_rules& rules() const { return rules_; }

  // Calls `observer` for each file that is taken or rejected.
  void observe_decisions(decision_observer observer) { observer_ = std::move(observer); }

  // A name that name_before_taking() recognises is a file that a daemon was taking when it died. It
  // is removed if its job is known; otherwise it gets its name back. `may_be_unfinished` means that
  // the file was found, not announced, so it is not yet rejected if it does not parse.
  async::task<intake_result> take(std::string name, bool may_be_unfinished);

  // For what must not even be opened: logs once for each name that it stays, and why.
  intake_result leave(const std::string& name, const std::string& why);

 private:
  async::task<intake_result> put_back_or_remove(std::string taken_name);
  async::task<intake_result> accept_or_reject(std::string name, std::string stem,
                                              file_content content, bool may_be_unfinished);
  async::task<result<std::string>> accept_job(std::string stem, const file_content& content,
                                              job::job spec, std::int32_t earlier_runs,
                                              std::string digest);
  void tell(const std::string& name, const decision& what) const;
  intake_result reject(const std::string& name, const store::file_identity& read,
                       const text::problem_list& problems);
  intake_result hold(const std::string& name, const std::string& why);
  // True the first time for each name, until the file has been taken.
  bool is_news(const std::string& name);

  spool spool_;
  store::store& store_;
  std::function<std::string()> make_uid_;
  job_sink accept_;
  decision_observer observer_;
  job::job_rules rules_;
  std::map<std::string, std::string> base_urls_;
  std::set<std::string> warned_of_;
};

}  // namespace canaryd::daemon
