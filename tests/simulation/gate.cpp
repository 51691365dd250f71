#include "gate.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>

#include "ledger.hpp"
#include <utility>

namespace canaryd::simulation {

using canaryd::store::delivery;
using canaryd::store::due_question;
using canaryd::store::job_record;
using canaryd::store::name_history;
using canaryd::store::transition;
using canaryd::store::unfinished;

bool gate::turn() {
  if (is_open_ && ++points_ == closes_at_)
    is_open_ = false;
  return is_open_;
}

void gate::pass() {
  if (!turn())
    throw boost::system::system_error{boost::asio::error::operation_aborted};
}

async::task<result<net::response>> gated_transport::send(net::request message) {
  way_.pass();
  ledger_.sent(message);
  const auto begun = async::clock::now();
  auto answer = co_await inner_.send(std::move(message));
  if (answer)
    ledger_.answered(async::clock::now() - begun);
  way_.pass();
  co_return answer;
}

// A store takes time, and the loop goes on meanwhile, so that code which does not wait runs first.
async::task<> take_a_turn() {
  co_await boost::asio::post(co_await boost::asio::this_coro::executor, async::use_task);
}

template <class T>
async::task<T> gated_store::through(async::task<T> work) {
  co_await take_a_turn();
  way_.pass();
  auto done = co_await std::move(work);
  way_.pass();
  co_return done;
}

async::task<result<unfinished>> gated_store::unfinished_jobs() {
  return through(inner_.unfinished_jobs());
}

async::task<result<std::vector<job_record>>> gated_store::ended_before_this_boot() {
  return through(inner_.ended_before_this_boot());
}

async::task<result<std::optional<job_record>>> gated_store::find(std::string job_id) {
  return through(inner_.find(std::move(job_id)));
}

async::task<result<std::vector<judge::reading>>> gated_store::readings_of(std::string job_id,
                                                                          std::size_t limit) {
  return through(inner_.readings_of(std::move(job_id), limit));
}

async::task<result<name_history>> gated_store::history_of(std::string stem) {
  return through(inner_.history_of(std::move(stem)));
}

async::task<result<std::vector<std::string>>> gated_store::owned_by_others(
    std::string platform, std::string job_id, std::vector<std::string> deployment_ids) {
  return through(
      inner_.owned_by_others(std::move(platform), std::move(job_id), std::move(deployment_ids)));
}

async::task<result<void>> gated_store::add(job_record accepted) {
  co_await take_a_turn();
  way_.pass();
  auto done = co_await inner_.add(accepted);
  if (done)
    ledger_.accepted(accepted);
  way_.pass();
  co_return done;
}

async::task<result<void>> gated_store::commit(transition made) {
  ledger_.decided(made);
  co_await take_a_turn();
  way_.pass();
  auto done = co_await inner_.commit(made);
  if (done)
    ledger_.committed(made);
  way_.pass();
  co_return done;
}

async::task<result<std::vector<delivery>>> gated_store::due_deliveries(due_question asked) {
  return through(inner_.due_deliveries(std::move(asked)));
}

async::task<result<std::vector<std::string>>> gated_store::waiting_destinations() {
  return through(inner_.waiting_destinations());
}

async::task<result<void>> gated_store::settle_delivery(std::int64_t sequence,
                                                       std::optional<std::string> refusal) {
  return through(inner_.settle_delivery(sequence, std::move(refusal)));
}

async::task<result<void>> gated_store::postpone_delivery(std::int64_t sequence, wall_time next_at) {
  return through(inner_.postpone_delivery(sequence, next_at));
}

async::task<result<std::size_t>> gated_store::prune(wall_time older_than) {
  return through(inner_.prune(older_than));
}

}  // namespace canaryd::simulation
