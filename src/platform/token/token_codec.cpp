#include "canaryd/platform/token/token_codec.hpp"

#include "canaryd/net/url.hpp"
#include "canaryd/platform/json_answer.hpp"
#include "canaryd/text/text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

namespace canaryd::platform {
namespace {

// RFC 6750 section 2.1: what may follow "Bearer".
bool is_bearer_token(std::string_view text) {
  constexpr std::size_t longest = 16'384;
  return !text.empty() && text.size() <= longest &&
         std::ranges::all_of(text, [](char byte) { return byte > 0x20 && byte < 0x7F; });
}

bool is_bearer(std::string_view type) {
  constexpr std::string_view word = "bearer";
  return std::ranges::equal(type, word,
                            [](char left, char right) { return (left | 0x20) == right; });
}

// A number, or its text.
std::optional<double> read_seconds(const boost::json::value& from) {
  if (from.is_number())
    return from.to_number<double>();
  const auto* text = from.if_string();
  if (text == nullptr)
    return std::nullopt;
  double seconds = 0.0;
  const auto [end, problem] = std::from_chars(text->begin(), text->end(), seconds);
  if (problem != std::errc{} || end != text->end() || std::isnan(seconds))
    return std::nullopt;
  return seconds;
}

// A token is never refused because of its `expires_in`. The value is moved into the bounds; if that
// is wrong, a 401 will show it.
duration read_life(const boost::json::object& fields) {
  constexpr double shortest_s = 60.0;
  constexpr double usual_s = 3600.0;
  constexpr double longest_s = 86'400.0;
  const auto* told = fields.if_contains("expires_in");
  const bool is_told = told != nullptr && !told->is_null();
  const auto seconds = is_told ? read_seconds(*told).value_or(shortest_s) : usual_s;
  return std::chrono::duration_cast<duration>(
      std::chrono::duration<double>{std::clamp(seconds, shortest_s, longest_s)});
}

}  // namespace

std::string token_form(std::string_view client_id, const text::secret& client_secret,
                       std::span<const std::string> scopes) {
  const auto scope = net::percent_encode(fmt::format("{}", fmt::join(scopes, " ")));
  auto encoded = net::percent_encode(client_secret.reveal());
  const text::wiped_at_end wiped{encoded};
  std::string form = "grant_type=client_credentials&client_id=";
  // All memory is reserved at once, because a text that grows leaves copies of the secret behind.
  form.reserve(256 + 3 * client_id.size() + encoded.size() + scope.size());
  form += net::percent_encode(client_id);
  form += "&client_secret=";
  form += encoded;
  form += "&scope=";
  form += scope;
  return form;
}

std::expected<token_grant, std::string> parse_token(std::string_view body) {
  json_answer answer{body};
  const auto* fields = answer.ok() ? answer.object(answer.root(), "the answer") : nullptr;
  if (fields == nullptr)
    return std::unexpected{answer.problem()};

  const auto* token = fields->if_contains("access_token");
  const auto life = read_life(*fields);
  const auto type = answer.text(*fields, {"token_type"});
  if (token == nullptr || !token->is_string() || !is_bearer_token(token->get_string()))
    answer.complain("access_token is missing or is not a valid token");
  if (!type.empty() && !is_bearer(type))
    answer.complain("token_type is not Bearer");
  if (!answer.ok())
    return std::unexpected{answer.problem()};
  return token_grant{.token = answer.take_secret("access_token"), .life = life};
}

}  // namespace canaryd::platform
