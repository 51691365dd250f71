// What a request for an access token says and hears (RFC 6749 section 4.4). Pure.
#pragma once

#include "canaryd/base/time.hpp"
#include "canaryd/text/secret.hpp"

#include <expected>
#include <span>
#include <string>
#include <string_view>

namespace canaryd::platform {

// application/x-www-form-urlencoded.
std::string token_form(std::string_view client_id, const text::secret& client_secret,
                       std::span<const std::string> scopes);

struct token_grant {
  text::secret token;
  // `expires_in`, a number or its text, taken as no less than a minute and no more than a day; an
  // hour where it is absent, and a minute where it cannot be read.
  duration life;
};
// Otherwise: what is wrong with the body, without the body.
std::expected<token_grant, std::string> parse_token(std::string_view body);

}  // namespace canaryd::platform
