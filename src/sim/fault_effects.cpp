#include "canaryd/sim/fault_effects.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace canaryd::sim {
namespace {

constexpr std::size_t over_the_body_limit = (std::size_t{1} << 20U) + 1;

net::header retry_after(const fault& striking, wall_time wall) {
  if (!striking.retry_after_text.empty())
    return {.name = "Retry-After", .value = striking.retry_after_text};
  const auto wait = std::chrono::ceil<std::chrono::seconds>(*striking.retry_after);
  if (!striking.retry_after_as_date)
    return {.name = "Retry-After", .value = fmt::format("{}", wait.count())};
  const auto when = std::chrono::ceil<std::chrono::seconds>(wall) + wait;
  const auto date = fmt::gmtime(std::chrono::system_clock::to_time_t(when));
  return {.name = "Retry-After", .value = fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", date)};
}

net::response failure(int status, const fault& striking, wall_time wall) {
  auto answer =
      error_answer(status, "simulated_fault",
                   fmt::format("a {} fault is set for this call", to_string(striking.kind)));
  if (striking.retry_after || !striking.retry_after_text.empty())
    answer.headers.push_back(retry_after(striking, wall));
  if (status / 100 == 3)
    answer.headers.push_back({.name = "Location", .value = "https://login.example.com/?back=api"});
  return answer;
}

net::response html_page(int status) {
  return {.status = status,
          .headers = {{.name = "Content-Type", .value = "text/html; charset=utf-8"}},
          .body = "<!DOCTYPE html>\n<html><body><h1>We will be back soon</h1></body></html>\n"};
}

void replace_expiry(std::string& body, const std::string& told) {
  constexpr std::string_view key = R"("expires_in":)";
  const auto at = body.find(key);
  if (at == std::string::npos)
    return;
  const auto begin = at + key.size();
  body.replace(begin, body.find_first_of(",}", begin) - begin, told);
}

}  // namespace

reply answer_instead(const fault& striking, wall_time wall) {
  reply result;
  switch (striking.kind) {
    case fault_kind::unauthorized:
      result.answer = failure(401, striking, wall);
      break;
    case fault_kind::rate_limited:
      result.answer = failure(429, striking, wall);
      break;
    case fault_kind::lost_on_reuse:
      result.ended = outcome::lost_before;
      result.on_used_connection = true;
      break;
    case fault_kind::lost_before:
      result.ended = outcome::lost_before;
      result.delay = striking.delay.value_or(duration::zero());
      break;
    default:
      result.answer = failure(striking.status, striking, wall);
  }
  return result;
}

void spoil(reply& answered, const fault& striking, wall_time wall) {
  auto& body = answered.answer.body;
  switch (striking.kind) {
    case fault_kind::lost_after:
      answered.ended = outcome::lost_after;
      answered.delay = striking.delay.value_or(duration::max());
      break;
    case fault_kind::status_after:
      answered.answer = failure(striking.status, striking, wall);
      break;
    case fault_kind::slow:
      if (answered.ended == outcome::answered)
        answered.delay += striking.delay.value_or(std::chrono::seconds{1});
      break;
    case fault_kind::html:
      answered.answer = html_page(answered.answer.status);
      break;
    case fault_kind::truncated_json:
      body.resize(body.size() / 2);
      break;
    case fault_kind::cut_body:
      answered.cut_body = true;
      break;
    case fault_kind::oversize:
      body.resize(std::max(body.size(), over_the_body_limit), ' ');
      break;
    case fault_kind::no_id:
      body = "{}";
      break;
    case fault_kind::byte_order_mark:
      body.insert(0, "\xEF\xBB\xBF");
      break;
    case fault_kind::coded:
      answered.answer.headers.push_back({.name = "Content-Encoding", .value = "gzip"});
      body = "\x1F\x8B\x08" + body;
      break;
    case fault_kind::odd_expiry:
      replace_expiry(body, striking.value);
      break;
    default:
      break;
  }
}

}  // namespace canaryd::sim
