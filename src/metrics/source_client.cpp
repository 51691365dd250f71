#include "source_client.hpp"

#include "canaryd/base/backoff.hpp"
#include "canaryd/platform/answer.hpp"
#include "canaryd/platform/request_headers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace canaryd::metrics {
namespace {

bool is_worth_asking_again(const error& problem, on_500 then) {
  if (problem.status == 500 && then == on_500::tell)
    return false;
  return problem.kind == fault::unreachable || problem.kind == fault::lost ||
         problem.kind == fault::try_again || problem.kind == fault::malformed;
}

}  // namespace

error in_name_of(std::string_view source, error problem) {
  problem.text = fmt::format("source {}: {}", source, problem.text);
  return problem;
}

async::task<result<std::string>> source_client::ask(std::string url, time_left& time,
                                                    on_500 then) const {
  const auto target = net::parse_url(url);
  if (!target)
    co_return std::unexpected{in_name_of(name_, target.error())};
  for (int failures = 0;; ++failures) {
    auto answer = co_await send_once(*target, time, failures > 0);
    if (answer)
      co_return answer;
    const bool again = time.repeats > 0 && is_worth_asking_again(answer.error(), then);
    const auto wait =
        retry_wait(answer.error(), failures, random_(), longest_backoff, longest_hold_up);
    if (!again || wait >= time.left)
      co_return std::unexpected{in_name_of(name_, std::move(answer).error())};
    --time.repeats;
    time.left -= wait;
    co_await async::sleep_for(wait);
  }
}

async::task<result<std::string>> source_client::send_once(const net::url& target, time_left& time,
                                                          bool fresh_connection) const {
  std::optional<platform::rate_budget::permit> permit;
  if (access_.budget != nullptr)
    permit.emplace(co_await access_.budget->admit(platform::priority::poll));
  if (time.left <= duration::zero())
    co_return std::unexpected{platform::out_of_time(platform::call::metrics)};
  auto sent_at = async::clock::now();
  auto message = make_request(target);
  message.timeout = std::min(access_.request_timeout, time.left);
  message.fresh_connection = fresh_connection;
  message.on_sent = [&sent_at] { sent_at = async::clock::now(); };
  auto reply = co_await access_.carrier->send(std::move(message));
  time.left -= async::clock::now() - sent_at;
  auto body =
      platform::read_answer(platform::call::metrics, std::move(reply),
                            {.scopes = {}, .secrets = secrets(), .now = async::clock::wall_now()});
  if (permit && body)
    access_.budget->report_success();
  if (permit && !body && body.error().status == 429)
    access_.budget->report_throttled(permit->admitted_at(), body.error().retry_after);
  co_return body;
}

net::request source_client::make_request(const net::url& target) const {
  net::request message;
  message.target = target;
  platform::add_common_headers(message);
  for (const auto& header : access_.headers)
    platform::add_header(message, header.name, std::string{header.value.reveal()});
  return message;
}

std::vector<std::string_view> source_client::secrets() const {
  std::vector<std::string_view> hidden;
  for (const auto& header : access_.headers) {
    hidden.push_back(header.value.reveal());
    // A server may echo a token without the word before it.
    constexpr std::string_view bearer = "Bearer ";
    if (header.value.reveal().starts_with(bearer))
      hidden.push_back(header.value.reveal().substr(bearer.size()));
  }
  return hidden;
}

error source_client::unusable(std::string_view what, std::string_view body) const {
  return in_name_of(name_,
                    platform::unusable_body(
                        platform::call::metrics, what, body,
                        {.scopes = {}, .secrets = secrets(), .now = async::clock::wall_now()}));
}

}  // namespace canaryd::metrics
