// A token source over a scripted transport, in virtual time.
#pragma once

#include "canaryd/async/task_group.hpp"
#include "canaryd/platform/token/token_source.hpp"

#include <gtest/gtest.h>

#include "platform/scripted_transport.hpp"
#include "support/virtual_time.hpp"
#include <string>
#include <vector>

namespace canaryd::platform {

using namespace std::chrono_literals;

inline scripted_answer token(std::string_view text, int life_s, duration after = {}) {
  return answer(200,
                R"({"access_token":")" + std::string{text} + R"(","expires_in":)" +
                    std::to_string(life_s) + "}",
                after);
}

using outcome = result<access_token>;

inline async::task<> get_into(token_source& source, priority rank, std::vector<outcome>& outcomes) {
  auto got = co_await source.get(rank);
  outcomes.push_back(std::move(got));
}

inline async::task<> reject_and_get_into(token_source& source, access_token used,
                                         std::vector<outcome>& outcomes) {
  source.reject(used, call::metrics);
  auto got = co_await source.get(priority::poll);
  outcomes.push_back(std::move(got));
}

class token_source_test : public testing::Test {
 protected:
  ~token_source_test() override {
    source.cancel();
    tasks.cancel();
    time.settle();
  }

  outcome get(priority rank = priority::poll, instant deadline = instant::max()) {
    return time.await(source.get(rank, deadline));
  }

  std::string text_of(const outcome& got) {
    return got ? std::string{(*got)->reveal()} : got.error().text;
  }

  token_options options{.token_url = "https://app.cognigy.ai/oauth/token?tenant=7",
                        .client_id = "id",
                        .client_secret = text::secret{std::string_view{"hush"}},
                        .scopes = {"bot:deploy", "metrics:read"},
                        .request_timeout = 30s};
  support::virtual_time time;
  scripted_transport transport;
  rate_budget budget{time.executor(), {.requests = 100'000, .per = 1s, .max_connections = 32}};
  double next_random = 0.5;
  token_source source{time.executor(), options, transport, budget, [this] { return next_random; }};
  async::task_group tasks{time.executor()};
};

}  // namespace canaryd::platform
