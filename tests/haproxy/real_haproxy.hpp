// A real HAProxy in a folder of its own, with the configuration that the room makes, and what
// stands around it: Cognigy's endpoints, the daemon's answer to "is the canary watched?", and a
// user.
#pragma once

#include "canaryd/async/both.hpp"
#include "canaryd/async/task_group.hpp"
#include "canaryd/platform/haproxy/haproxy_config.hpp"
#include "canaryd/platform/haproxy/haproxy_splitter.hpp"
#include "canaryd/sim/certificate.hpp"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "haproxy_process.hpp"
#include "http_stub.hpp"
#include "scratch_folder.hpp"
#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace canaryd::platform {

// True as soon as the condition is; false if it is not within `limit`.
bool within(std::chrono::milliseconds limit, const std::function<bool()>& condition);

class real_haproxy : public testing::Test {
 protected:
  static constexpr auto stable_token = "5ab1e0";
  static constexpr auto canary_token = "ca4a47";

  real_haproxy();

  // Starts HAProxy and waits until it serves users. With a map file of these lines.
  void start(const std::string& map = "orders 0\nsurveys 0\n");
  void restart();
  void signal_haproxy(int number) const { haproxy_->signal(number); }

  haproxy_splitter make_splitter(duration timeout = std::chrono::seconds{1}) const;
  // Runs the loop until `work` has ended.
  template <class T>
  T finish(async::task<T> work) {
    std::optional<T> outcome;
    async::task_group running{context.get_executor()};
    running.spawn(async::keep_result(std::move(work), outcome));
    context.restart();
    context.run();
    return std::move(outcome).value();
  }
  void set_share(basis_points share);

  // What Cognigy's endpoints get when a user sends this: method, target, host and body, each on a
  // line. Otherwise the status of HAProxy's own answer.
  std::string get(const std::string& target);
  std::string post(const std::string& target, const std::string& body);
  // A message in a session, sent to the stable endpoint, as each of the ways to talk does it.
  std::string say(const std::string& session);
  // True if what the user says in this session comes to the canary.
  bool is_on_canary(const std::string& session);
  std::vector<bool> arms_of(const std::vector<std::string>& sessions);

  // The daemon's answer to HAProxy, while there is a daemon.
  void start_daemon();
  void stop_daemon() { daemon_.reset(); }
  std::atomic<int> watched_status = 200;
  std::atomic<bool> daemon_hangs = false;
  // The status of Cognigy's answers.
  std::atomic<int> cognigy_status = 200;

  scratch_folder folder;
  haproxy_bot bot;
  boost::asio::io_context context{1};

 private:
  sim::reply answer_as_cognigy(const net::request& asked) const;
  sim::reply answer_as_daemon(const net::request& asked) const;
  std::string exchange(const std::string& method, const std::string& target,
                       const std::string& body);

  sim::certificates identity_ = sim::make_certificates();
  http_stub cognigy_;
  std::unique_ptr<http_stub> daemon_;
  std::uint16_t users_port_ = free_port();
  std::unique_ptr<haproxy_process> haproxy_;
  boost::asio::ip::tcp::socket user_{context};
};

}  // namespace canaryd::platform
