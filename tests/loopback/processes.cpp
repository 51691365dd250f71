#include "processes.hpp"

#include "canaryd/net/https_pool.hpp"
#include "canaryd/store/sqlite/sqlite.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <memory>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace canaryd::loopback {
namespace fs = std::filesystem;
namespace json = boost::json;
using namespace std::chrono_literals;

scratch_directory::scratch_directory() {
  auto pattern = (fs::temp_directory_path() / "canaryd-loopback-XXXXXX").string();
  path_ = ::mkdtemp(pattern.data());
}

scratch_directory::~scratch_directory() {
  fs::remove_all(path_);
}

process::process(std::string program, std::vector<std::string> arguments, fs::path output)
    : output_{std::move(output)} {
  // Several lives of a program may write to the same file.
  std::error_code none_yet;
  const auto size = fs::file_size(output_, none_yet);
  output_begin_ = none_yet ? 0 : size;
  program.insert(0, CANARYD_BIN_DIR "/");
  std::vector<char*> argv{program.data()};
  for (auto& argument : arguments)
    argv.push_back(argument.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions{};
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output_.c_str(),
                                   O_WRONLY | O_CREAT | O_APPEND, 0600);
  posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
  EXPECT_EQ(::posix_spawn(&pid_, program.c_str(), &actions, nullptr, argv.data(), environ), 0);
  posix_spawn_file_actions_destroy(&actions);
}

process::~process() {
  if (!exit_code_) {
    signal(SIGKILL);
    wait();
  }
}

void process::signal(int number) const {
  ::kill(pid_, number);
}

void process::limit_descriptors(unsigned long count) const {
  rlimit limits{};
  ASSERT_EQ(::prlimit(pid_, RLIMIT_NOFILE, nullptr, &limits), 0);
  limits.rlim_cur = count;
  ASSERT_EQ(::prlimit(pid_, RLIMIT_NOFILE, &limits, nullptr), 0);
}

std::optional<int> process::wait(std::chrono::milliseconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!exit_code_) {
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) == pid_)
      exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    else if (std::chrono::steady_clock::now() >= end)
      break;
    else
      std::this_thread::sleep_for(5ms);
  }
  return exit_code_;
}

std::string process::output() const {
  return read_file(output_).substr(output_begin_);
}

bool process::says(const std::string& text) const {
  return eventually([&] { return output().contains(text); });
}

bool eventually(const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + 30s;
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= end)
      return false;
    std::this_thread::sleep_for(10ms);
  }
  return true;
}

std::string read_file(const fs::path& file) {
  std::ifstream in{file};
  return {std::istreambuf_iterator<char>{in}, {}};
}

void write_file(const fs::path& file, const std::string& text) {
  std::ofstream{file} << text;
}

installation::installation(std::vector<std::string> sim_arguments) {
  const auto certificates = file("certs").string();
  std::vector<std::string> arguments{"--listen",   "127.0.0.1:0", "--port-file", file("port"),
                                     "--cert-dir", certificates,  "--arrivals",  "600000"};
  arguments.insert(arguments.end(), sim_arguments.begin(), sim_arguments.end());
  sim_ = std::make_unique<process>("cognigy-sim", std::move(arguments), file("sim.log"));
  EXPECT_TRUE(eventually([&] { return !read_file(file("port")).empty(); })) << sim_->output();
  port_ = read_file(file("port"));
  while (!port_.empty() && port_.back() == '\n')
    port_.pop_back();
  configure();
}

json::object installation::config(const json::object& api, const json::object& top) const {
  const auto base = "https://127.0.0.1:" + port_;
  json::object api_keys{{"base_url", base + "/api/v1"},
                        {"token_url", base + "/oauth/token"},
                        {"client_id", "demo"},
                        {"client_secret_file", file("certs/client_secret").string()},
                        {"webhook_secret_file", file("certs/webhook_secret").string()},
                        {"ca_file", file("certs/ca.pem").string()},
                        {"rate_limit", json::object{{"requests", 1'000'000}}},
                        {"window_unit", "s"}};
  for (const auto& [key, value] : api)
    api_keys[key] = value;
  json::object all{{"api", std::move(api_keys)},
                   {"jobs_dir", file("jobs").string()},
                   {"state_dir", file("state").string()},
                   {"control_socket", file("control.sock").string()},
                   {"limits", json::object{{"min_interval", "100ms"}}}};
  for (const auto& [key, value] : top)
    all[key] = value;
  return all;
}

void installation::configure(const json::object& api, const json::object& top) {
  write_file(config_file(), json::serialize(config(api, top)));
}

std::unique_ptr<process> installation::start() const {
  return std::make_unique<process>("canaryd", std::vector<std::string>{"--config", config_file()},
                                   file("canaryd.log"));
}

void installation::drop(const std::string& name, const std::string& version,
                        const json::object& changes) const {
  json::object job{{"bot_id", "bot_" + name},
                   {"environment_id", "env"},
                   {"version", version},
                   {"traffic_matrix", json::object{{"stable", 90}, {"canary", 10}}},
                   {"max_traffic_percentage", 10},
                   {"validation_interval", "1s"},
                   {"validation_duration", "2s"}};
  for (const auto& [key, value] : changes)
    job[key] = value;
  const auto incoming = file("jobs/incoming");
  write_file(incoming / ".dropping", json::serialize(job));
  fs::rename(incoming / ".dropping", incoming / (name + ".json"));
}

json::object installation::result_of(const std::string& job_id) const {
  const auto result = file("jobs/done/" + job_id + ".result.json");
  EXPECT_TRUE(eventually([&] { return fs::exists(result); })) << read_file(file("canaryd.log"));
  const auto text = read_file(result);
  return text.empty() ? json::object{} : json::parse(text).as_object();
}

json::object installation::ask_sim(const std::string& method, const std::string& path) const {
  boost::asio::io_context context{1};
  constexpr std::size_t limit = 64UL << 20U;
  auto pool = net::make_https_pool(context.get_executor(),
                                   {.ca_file = file("certs/ca.pem"), .body_limit_bytes = limit});
  net::request asked;
  asked.method = method;
  asked.target = net::parse_url("https://127.0.0.1:" + port_ + path).value();
  result<net::response> answer;
  boost::asio::co_spawn(
      context, pool.value().send(std::move(asked)),
      [&](std::exception_ptr, result<net::response> got) { answer = std::move(got); });
  context.run();
  EXPECT_TRUE(answer) << answer.error().text;
  return answer ? json::parse(answer->body).as_object() : json::object{};
}

std::size_t installation::stored_records() const {
  return count_records("TRUE");
}

std::size_t installation::undelivered_records() const {
  return count_records("delivered_at IS NULL");
}

std::size_t installation::count_records(const std::string& condition) const {
  store::connection state{file("state/state.db")};
  state.execute("PRAGMA busy_timeout = 10000");
  auto found = state.query("SELECT count(*) FROM audit_outbox WHERE " + condition);
  const auto count = found.next() ? found.integer(0) : 0;
  EXPECT_TRUE(state.outcome()) << state.outcome().error().text;
  return static_cast<std::size_t>(count);
}

}  // namespace canaryd::loopback
