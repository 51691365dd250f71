// What has to outlive the process: jobs with the state of their canaries, readings, deliveries.
//
// The seam for other stores (a file, a database server shared by several daemons). Every change is
// one transaction; when its task returns without an error it is as durable as the store can make
// it, and the caller may act on it.
//
// Rows outlive the program that wrote them (reference: "Stored rows"): what another version has
// stored and this one does not know is kept when a row is written again, and a row that cannot be
// read concerns nothing but itself.
#pragma once

#include "canaryd/async/task.hpp"
#include "canaryd/base/error.hpp"
#include "canaryd/canary/canary.hpp"
#include "canaryd/job/job.hpp"
#include "canaryd/judge/reading.hpp"
#include "canaryd/store/delivery.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace canaryd::store {

// Which file a job was taken from, so that it is recognised if the daemon dies, or the machine
// loses power, before its removal is on disk. A link made anew to the same file has another change
// time.
struct file_identity {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::int64_t modified_ns = 0;
  std::int64_t changed_ns = 0;

  bool operator==(const file_identity&) const = default;
};

struct job_record {
  // Position in the order of arrival; given by the store.
  std::int64_t arrival = 0;
  // The name of the file it came in without `.json`; several runs share it.
  std::string stem;
  // SHA-256 of the file's bytes, in hexadecimal.
  std::string digest;
  file_identity source;
  // The API this job's deployment lives at, whatever the configuration says later.
  std::string base_url;
  job::job spec;
  // Where another version of the program has stored more of the spec than this one knows: the job
  // file as it is stored. Else empty.
  std::string spec_as_stored;
  canary::canary canary;
};

// A reading of a job, counted from 1. Written again under the same number it is the same row.
struct numbered_reading {
  std::int64_t number = 0;
  judge::reading taken;
};

// One or more steps of one canary.
struct transition {
  canary::canary canary;
  // Who is to be told of it.
  std::vector<delivery> deliveries;
  std::vector<numbered_reading> readings;
  // Nothing but readings that were judged and the next one planned: state, reason, deployments,
  // next_call are as they were, and there are no deliveries. A loss of power may undo it.
  bool is_mere_reading = false;
};

// The newest job of one name.
struct latest_run {
  std::string job_id;
  file_identity source;
  bool has_ended = false;
};

// What is known of earlier jobs of one name.
struct name_history {
  std::int32_t runs = 0;
  std::optional<latest_run> latest;
  // Digests of the files whose jobs were promoted.
  std::vector<std::string> promoted_digests;
};

// A job that has not ended, and whose row this program cannot read: what the columns tell of it.
struct unreadable_job {
  std::string job_id;
  std::string bot_id;
  std::string environment_id;
  std::string version;
  // Empty where none is known.
  std::string deployment_id;
  // The word of the state that it was last committed in.
  std::string state;
  // Why it cannot be read.
  std::string problem;
};

// The jobs that have not ended, in order of arrival.
struct unfinished {
  std::vector<job_record> jobs;
  // Those that are left out of them. They are not forgotten: their canaries may be live.
  std::vector<unreadable_job> unreadable;
};

class store {
 public:
  virtual ~store() = default;

  virtual async::task<result<unfinished>> unfinished_jobs() = 0;
  // The jobs that were the last to end before the machine was started, at most a thousand: if it
  // lost power, so may have been what their files contained.
  virtual async::task<result<std::vector<job_record>>> ended_before_this_boot() = 0;
  // One job, ended or not; nothing where there is none of that id; fault::malformed where what is
  // stored of it cannot be read.
  virtual async::task<result<std::optional<job_record>>> find(std::string job_id) = 0;
  // The newest readings of a job, ended or not, at most `limit`, the oldest of them first; those
  // that cannot be read are left out.
  virtual async::task<result<std::vector<judge::reading>>> readings_of(std::string job_id,
                                                                       std::size_t limit) = 0;
  virtual async::task<result<name_history>> history_of(std::string stem) = 0;
  // Those of `deployment_ids` that belong to a job other than `job_id`, ended or not.
  virtual async::task<result<std::vector<std::string>>> owned_by_others(
      std::string job_id, std::vector<std::string> deployment_ids) = 0;

  // Repeated for the same job it changes nothing more; the row of another job of that id is never
  // replaced (an error).
  virtual async::task<result<void>> add(job_record accepted) = 0;
  // Requires that the job was added.
  virtual async::task<result<void>> commit(transition made) = 0;

  // The oldest delivery that waits of each order key; the key whose oldest delivery is oldest
  // first. What waits for a destination that nobody asks for goes on waiting.
  virtual async::task<result<std::vector<delivery>>> due_deliveries(due_question asked) = 0;
  // Delivered, or refused for good with this text: kept and marked, and passed over from now on.
  virtual async::task<result<void>> settle_delivery(std::int64_t sequence,
                                                    std::optional<std::string> refusal) = 0;
  // Tried in vain. When it is tried again is there for people alone: it is due all the same.
  virtual async::task<result<void>> postpone_delivery(std::int64_t sequence, wall_time next_at) = 0;
  // Removes what was delivered, and jobs that ended, before `older_than`; the number of rows. A job
  // with deliveries that still wait stays, and so does a refused delivery.
  virtual async::task<result<std::size_t>> prune(wall_time older_than) = 0;
  // How many deliveries wait, for whomever.
  virtual std::size_t undelivered() const = 0;
};

}  // namespace canaryd::store
