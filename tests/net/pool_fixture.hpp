// A pool with its loop, and servers that it trusts.
#pragma once

#include "canaryd/net/https_pool.hpp"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "scripted_server.hpp"
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace canaryd::net {

// The servers' certificate and the authority that signed it. They are made once.
const sim::certificates& test_identity();
// Writes a file and returns its path. The file is removed with the process.
std::string write_scratch_file(std::string_view content);
std::string ca_file_of(const sim::certificates& identity);

class pool_fixture : public testing::Test {
 protected:
  // Starts a TLS server with the identity that `options` trusts.
  std::unique_ptr<scripted_server> serve(std::vector<script> scripts);
  std::unique_ptr<scripted_server> serve_plain(std::vector<script> scripts);

  https_pool& pool();
  // Sends, and runs the loop until no work is left. An idle connection must not keep it running.
  result<response> send(request message);
  // Sends, and cancels the send as soon as `when` returns true.
  std::exception_ptr send_and_cancel(request message, std::function<bool()> when);

  static request get(const scripted_server& server, std::string host = "localhost");
  static request post(const scripted_server& server, std::string body = "{}");

  https_options options{.ca_file = ca_file_of(test_identity())};
  boost::asio::io_context context{1};

 private:
  std::unique_ptr<https_pool> pool_;
};

}  // namespace canaryd::net
