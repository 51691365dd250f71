// The access tokens that the simulated API has given out.
#pragma once

#include "canaryd/base/time.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace canaryd::sim {

enum class token_verdict : std::uint8_t { valid, unknown, expired, revoked };

struct token_record {
  std::string text;
  std::vector<std::string> scopes;
  instant expires;
  bool revoked = false;
  // When a request with it was first answered with 401, and no fault changed that answer.
  instant refused_since = instant::max();
};

class token_book {
 public:
  // Tokens have at least `bytes` characters.
  explicit token_book(std::uint64_t seed, std::size_t bytes = 0) : seed_{seed}, bytes_{bytes} {}

  // Makes a new token. Beyond a thousand, forgets the oldest.
  const token_record& issue(std::vector<std::string> scopes, instant expires);

  // Returns nullptr if the token was never given out or is forgotten.
  token_record* find(std::string_view text);

  void revoke_all();

  static token_verdict judge(const token_record* presented, instant now);

 private:
  std::uint64_t seed_;
  std::size_t bytes_;
  std::uint64_t issued_ = 0;
  std::deque<token_record> tokens_;
};

}  // namespace canaryd::sim
