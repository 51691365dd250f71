// Keeps what must outlive the process: jobs with the state of their canaries, readings, deliveries.
//
// Other stores can implement this interface (a file, a database server that several daemons share).
// Every change is one transaction. When its task returns without an error, the change is as durable
// as the store can make it, and the caller may act on it.
//
// Rows outlive the program that wrote them (reference: "Stored rows"). When a row is written again,
// members that another version stored and this one does not know are kept. A row that cannot be
// read affects nothing else.
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

// Identifies the file that a job was taken from. The file is recognised if the daemon dies, or the
// machine loses power, before its removal is on disk. A new link to the same file has another
// change time.
struct file_identity {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::int64_t modified_ns = 0;
  std::int64_t changed_ns = 0;

  bool operator==(const file_identity&) const = default;
};

struct job_record {
  // The position in the order of arrival. The store sets it.
  std::int64_t arrival = 0;
  // The name of the job file without `.json`. Several runs may share it.
  std::string stem;
  // SHA-256 of the file's bytes, in hexadecimal.
  std::string digest;
  file_identity source;
  // The API that has this job's deployment, even if the configuration names another one later.
  std::string base_url;
  job::job spec;
  // The stored job file, if another version of the program has stored more of it than this one
  // knows. Otherwise empty.
  std::string spec_as_stored;
  canary::canary canary;
};

// A reading of a job. Numbers count from 1. Writing the same number again replaces the row.
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
  // True if the steps only judged readings and planned the next one: state, reason, deployments and
  // next_call are unchanged, and there are no deliveries. A loss of power may undo such a
  // transition.
  bool is_mere_reading = false;
};

// The newest job of one name.
struct latest_run {
  std::string job_id;
  file_identity source;
  bool has_ended = false;
};

// What is known about earlier jobs of one name.
struct name_history {
  std::int32_t runs = 0;
  std::optional<latest_run> latest;
  // The digests of the files whose jobs were promoted.
  std::vector<std::string> promoted_digests;
};

// A job that has not ended, but whose row this program cannot read. Its fields are what the columns
// of the row say.
struct unreadable_job {
  std::string job_id;
  std::string bot_id;
  std::string environment_id;
  std::string version;
  // Empty if none is known.
  std::string deployment_id;
  // The word of the state that it was last committed in.
  std::string state;
  // Why it cannot be read.
  std::string problem;
};

// The jobs that have not ended, in order of arrival.
struct unfinished {
  std::vector<job_record> jobs;
  // Jobs that are missing from `jobs`. They must not be forgotten: their canaries may be live.
  std::vector<unreadable_job> unreadable;
};

class store {
 public:
  virtual ~store() = default;

  virtual async::task<result<unfinished>> unfinished_jobs() = 0;
  // The jobs that were the last to end before the machine was started, at most a thousand. If it
  // lost power, the contents of their files may be lost.
  virtual async::task<result<std::vector<job_record>>> ended_before_this_boot() = 0;
  // One job, whether it has ended or not. Returns nothing if there is no job with that id. Fails
  // with fault::malformed if its row cannot be read.
  virtual async::task<result<std::optional<job_record>>> find(std::string job_id) = 0;
  // The newest readings of a job, at most `limit`, the oldest of them first. The job may have
  // ended. Readings that cannot be read are left out.
  virtual async::task<result<std::vector<judge::reading>>> readings_of(std::string job_id,
                                                                       std::size_t limit) = 0;
  virtual async::task<result<name_history>> history_of(std::string stem) = 0;
  // Returns those `deployment_ids` of that platform that belong to a job other than `job_id`, even
  // an ended one.
  virtual async::task<result<std::vector<std::string>>> owned_by_others(
      std::string platform, std::string job_id, std::vector<std::string> deployment_ids) = 0;

  // Adding the same job again changes nothing. If another job has that id, this is an error, and
  // its row stays.
  virtual async::task<result<void>> add(job_record accepted) = 0;
  // Requires that the job was added.
  virtual async::task<result<void>> commit(transition made) = 0;

  // The oldest waiting delivery of each order key. The key whose oldest delivery is oldest comes
  // first. Deliveries for a destination that nobody asks for keep waiting.
  virtual async::task<result<std::vector<delivery>>> due_deliveries(due_question asked) = 0;
  // The destinations that deliveries wait for.
  virtual async::task<result<std::vector<std::string>>> waiting_destinations() = 0;
  // Marks a delivery as delivered, or as refused for good with this text. It is kept but no longer
  // due.
  virtual async::task<result<void>> settle_delivery(std::int64_t sequence,
                                                    std::optional<std::string> refusal) = 0;
  // Notes a failed attempt. `next_at` is for people alone: the delivery stays due.
  virtual async::task<result<void>> postpone_delivery(std::int64_t sequence, wall_time next_at) = 0;
  // Removes what was delivered, and jobs that ended, before `older_than`. Returns the number of
  // rows removed. Keeps refused deliveries, and jobs whose deliveries still wait.
  virtual async::task<result<std::size_t>> prune(wall_time older_than) = 0;
  // The number of deliveries that wait, for whatever destination.
  virtual std::size_t undelivered() const = 0;
};

}  // namespace canaryd::store
