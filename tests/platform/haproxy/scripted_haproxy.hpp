// A socket that answers like HAProxy's, or in whatever way a test wants, on the test's own loop.
#pragma once

#include "canaryd/async/both.hpp"
#include "canaryd/async/task_group.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace canaryd::platform {

using local_socket =
    boost::asio::basic_stream_socket<boost::asio::local::stream_protocol, async::executor>;

class haproxy_fixture : public testing::Test {
 protected:
  // What a connection does once its line has come.
  using behaviour = async::task<> (*)(local_socket& peer, std::string answer);

  haproxy_fixture();
  ~haproxy_fixture() override;

  // Listens at socket_path(), and behaves like that to everyone who connects.
  void serve(behaviour how);
  // Listens and takes no connection; `backlog` may wait.
  void listen_only(int backlog);
  std::string socket_path() const { return (folder_ / "admin.sock").string(); }

  // Runs the loop until `work` has ended.
  template <class T>
  T finish(async::task<T> work) {
    std::optional<T> outcome;
    work_.spawn(async::keep_result(std::move(work), outcome));
    context.restart();
    while (work_.size() > 0)
      context.run_one();
    return std::move(outcome).value();
  }

  // Behaviours.
  static async::task<> answer_and_close(local_socket& peer, std::string answer);
  static async::task<> answer_slowly(local_socket& peer, std::string answer);
  static async::task<> say_nothing(local_socket& peer, std::string answer);
  static async::task<> close_at_once(local_socket& peer, std::string answer);
  static async::task<> answer_without_end(local_socket& peer, std::string answer);

  boost::asio::io_context context{1};
  // The answer to each line; the last one is given again and again. Without an answer for a line,
  // the connection is closed.
  std::map<std::string, std::vector<std::string>> answers;
  std::vector<std::string> lines;

 private:
  async::task<> accept_all(behaviour how);
  async::task<> serve_one(local_socket peer, behaviour how);
  std::string next_answer(const std::string& line);

  std::filesystem::path folder_;
  boost::asio::basic_socket_acceptor<boost::asio::local::stream_protocol, async::executor>
      acceptor_{context.get_executor()};
  async::task_group server_{context.get_executor()};
  async::task_group work_{context.get_executor()};
};

}  // namespace canaryd::platform
