#include "pool_fixture.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <unistd.h>
#include <utility>

namespace canaryd::net {

const sim::certificates& test_identity() {
  static const auto made = sim::make_certificates();
  return made;
}

namespace {

// A folder of this process, which is removed with it.
class scratch_folder {
 public:
  scratch_folder() { std::filesystem::create_directories(path); }
  ~scratch_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;

  const std::filesystem::path path =
      std::filesystem::path{testing::TempDir()} / fmt::format("canaryd-test-net-{}", getpid());
};

}  // namespace

std::string write_scratch_file(std::string_view content) {
  static const scratch_folder folder;
  static int files = 0;
  const auto name = folder.path / fmt::format("{}.pem", files++);
  std::ofstream{name} << content;
  return name;
}

std::string ca_file_of(const sim::certificates& identity) {
  return write_scratch_file(identity.ca_pem);
}

std::unique_ptr<scripted_server> pool_fixture::serve(std::vector<script> scripts) {
  return std::make_unique<scripted_server>(server_options{.identity = test_identity()},
                                           std::move(scripts));
}

std::unique_ptr<scripted_server> pool_fixture::serve_plain(std::vector<script> scripts) {
  return std::make_unique<scripted_server>(server_options{.tls = false, .identity = {}},
                                           std::move(scripts));
}

https_pool& pool_fixture::pool() {
  if (!pool_) {
    auto made = make_https_pool(context.get_executor(), options);
    if (!made)
      throw std::runtime_error{made.error().text};
    pool_ = std::make_unique<https_pool>(*std::move(made));
  }
  return *pool_;
}

result<response> pool_fixture::send(request message) {
  result<response> outcome = std::unexpected{error{.text = "the send never ended"}};
  boost::asio::co_spawn(context, pool().send(std::move(message)),
                        [&](const std::exception_ptr& problem, result<response> answer) {
                          if (problem)
                            std::rethrow_exception(problem);
                          outcome = std::move(answer);
                        });
  context.restart();
  context.run();
  return outcome;
}

std::exception_ptr pool_fixture::send_and_cancel(request message, std::function<bool()> when) {
  std::exception_ptr thrown;
  boost::asio::cancellation_signal signal;
  boost::asio::co_spawn(context, pool().send(std::move(message)),
                        boost::asio::bind_cancellation_slot(
                            signal.slot(), [&](const std::exception_ptr& problem,
                                               const result<response>&) { thrown = problem; }));
  context.restart();
  while (!when() && !context.stopped())
    context.run_for(std::chrono::milliseconds{1});
  signal.emit(boost::asio::cancellation_type::terminal);
  context.restart();
  context.run();
  return thrown;
}

request pool_fixture::get(const scripted_server& server, std::string host) {
  request message;
  message.target = {.scheme = server.is_tls() ? "https" : "http",
                    .host = std::move(host),
                    .port = server.port(),
                    .target = "/path?secret=query"};
  message.timeout = std::chrono::seconds{3};
  return message;
}

request pool_fixture::post(const scripted_server& server, std::string body) {
  auto message = get(server);
  message.method = "POST";
  message.body = std::move(body);
  return message;
}

}  // namespace canaryd::net
