// A transport in memory that answers as the test tells it to.
#pragma once

#include "canaryd/async/task.hpp"
#include "canaryd/net/transport.hpp"

#include <boost/asio/error.hpp>

#include <deque>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace canaryd::platform {

struct scripted_answer {
  result<net::response> reply;
  duration after{};
};

inline scripted_answer answer(int status, std::string body = "{}", duration after = {},
                              std::vector<net::header> headers = {}) {
  return {
      .reply =
          net::response{.status = status, .headers = std::move(headers), .body = std::move(body)},
      .after = after};
}

inline scripted_answer failure(fault kind, duration after = {}) {
  return {.reply = std::unexpected{error{.kind = kind, .text = "the connection broke"}},
          .after = after};
}

inline scripted_answer silence() {
  return answer(200, "{}", std::chrono::hours{24 * 365});
}

// As the real one: a request that is not answered within its timeout is lost.
class scripted_transport : public net::transport {
 public:
  struct sent_request {
    instant at;
    net::request message;
  };

  // Answers token requests and all others apart, each in order; the last answer is given for ever.
  std::deque<scripted_answer> token_answers{
      answer(200, R"({"access_token":"token-1","expires_in":3600,"token_type":"Bearer"})")};
  std::deque<scripted_answer> answers{answer(200)};
  // Where it is set, it answers instead of `answers`.
  std::function<scripted_answer(const net::request&)> reply_to;

  // Every request that does not ask for a fresh connection goes out on one that had been used,
  // which breaks without an answer.
  bool reused_ones_break = false;

  std::vector<sent_request> token_requests;
  std::vector<sent_request> requests;
  int under_way = 0;
  int most_under_way = 0;
  int cancelled = 0;

  async::task<result<net::response>> send(net::request message) override {
    const bool for_token = message.target.target.contains("/oauth/token");
    const auto timeout = message.timeout;
    if (message.on_sent)
      message.on_sent();
    auto& log = for_token ? token_requests : requests;
    log.push_back({async::clock::now(), message});
    if (reused_ones_break && !message.fresh_connection) {
      if (message.method != "GET" || (message.may_repeat && !message.may_repeat()))
        co_return std::unexpected{error{.kind = fault::lost, .text = "it broke"}};
      if (message.on_sent)
        message.on_sent();
      log.push_back({async::clock::now(), message});
    }
    const auto next =
        !for_token && reply_to ? reply_to(message) : take(for_token ? token_answers : answers);
    const visit here{*this};
    co_await async::sleep_for(std::min(next.after, timeout));
    here.ended = true;
    if (next.after > timeout)
      co_return std::unexpected{error{.kind = fault::lost, .text = "no whole answer"}};
    co_return next.reply;
  }

 private:
  struct visit {
    scripted_transport& owner;
    mutable bool ended = false;

    explicit visit(scripted_transport& transport) : owner{transport} {
      owner.most_under_way = std::max(owner.most_under_way, ++owner.under_way);
    }
    ~visit() {
      --owner.under_way;
      owner.cancelled += ended ? 0 : 1;
    }
    visit(const visit&) = delete;
    visit& operator=(const visit&) = delete;
  };

  static scripted_answer take(std::deque<scripted_answer>& script) {
    auto next = script.front();
    if (script.size() > 1)
      script.pop_front();
    return next;
  }
};

inline std::string header_of(const net::request& message, std::string_view name) {
  return std::string{net::find_header(message.headers, name).value_or("")};
}

}  // namespace canaryd::platform
