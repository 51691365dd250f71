#include "canaryd/sim/token_book.hpp"

#include "canaryd/sim/conversations.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ranges>
#include <utility>

namespace canaryd::sim {
namespace {

constexpr std::size_t most_tokens_kept = 1000;

}  // namespace

const token_record& token_book::issue(std::vector<std::string> scopes, instant expires) {
  if (tokens_.size() == most_tokens_kept)
    tokens_.pop_front();
  const auto number = ++issued_;
  auto text = fmt::format("simulated-token-{}-{:016x}", number, mix(seed_, number));
  text.append(bytes_ - std::min(bytes_, text.size()), '0');
  return tokens_.emplace_back(
      token_record{.text = std::move(text), .scopes = std::move(scopes), .expires = expires});
}

token_record* token_book::find(std::string_view text) {
  // Searched backwards, because nearly every request carries the newest token.
  for (auto& token : tokens_ | std::views::reverse) {
    if (token.text == text)
      return &token;
  }
  return nullptr;
}

void token_book::revoke_all() {
  for (auto& token : tokens_)
    token.revoked = true;
}

token_verdict token_book::judge(const token_record* presented, instant now) {
  if (presented == nullptr)
    return token_verdict::unknown;
  if (presented->revoked)
    return token_verdict::revoked;
  return now < presented->expires ? token_verdict::valid : token_verdict::expired;
}

}  // namespace canaryd::sim
