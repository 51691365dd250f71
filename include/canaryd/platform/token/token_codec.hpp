// Writes the request for an access token and reads its answer (RFC 6749 section 4.4). Pure.
#pragma once

#include "canaryd/base/time.hpp"
#include "canaryd/text/secret.hpp"

#include <expected>
#include <span>
#include <string>
#include <string_view>

namespace canaryd::platform {

// Writes the body of the request as application/x-www-form-urlencoded.
std::string token_form(std::string_view client_id, const text::secret& client_secret,
                       std::span<const std::string> scopes);

struct token_grant {
  text::secret token;
  // How long the token is valid, from `expires_in`, which is a number or its text. It counts as at
  // least a minute and at most a day. If it is absent, it is an hour. If it cannot be read, it is a
  // minute.
  duration life;
};
// Reads the answer. Otherwise says what is wrong with the body, without quoting it.
std::expected<token_grant, std::string> parse_token(std::string_view body);

}  // namespace canaryd::platform
