#include "haproxy_bot_rules.hpp"

#include "canaryd/platform/haproxy/names.hpp"
#include "canaryd/text/text.hpp"

#include <boost/asio/ip/address.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace canaryd::platform {
namespace {

constexpr std::size_t shown_field_characters = 80;

bool is_made_of(std::string_view text, std::string_view further) {
  return !text.empty() && std::ranges::all_of(text, [further](char c) {
    return text::is_alphanumeric(c) || further.contains(c);
  });
}

bool is_address(const std::string& text) {
  boost::system::error_code ec;
  boost::asio::ip::make_address(text, ec);
  // A zone ("%eth0") would be one more word of configuration.
  return !ec && !text.contains('%');
}

// An id that is a path segment of its own even after a server has removed the dots.
bool is_segment(std::string_view id) {
  return !id.empty() && id != "." && id != "..";
}

// "-" and "_" mean nothing in the regular expression that rewrites the token.
bool is_url_token(std::string_view token) {
  return is_made_of(token, "-_");
}

bool is_host_name(const std::string& host) {
  return is_made_of(host, "-.") && !host.starts_with('-') && !is_address(host);
}

bool is_bind(std::string_view bind) {
  return is_made_of(bind, ".:*[]") && bind.contains(':');
}

// Collects the first problem.
class field_rules {
 public:
  void require(bool valid, std::string_view name, std::string_view value) {
    if (!valid && problem_.empty())
      problem_ = fmt::format("{} cannot be \"{}\"", name,
                             text::printable_excerpt(value, shown_field_characters));
  }
  result<void> outcome() const {
    return problem_.empty() ? result<void>{} : failure(fault::refused, problem_);
  }

 private:
  std::string problem_;
};

void check_split(field_rules& rules, const haproxy_bot& bot) {
  rules.require(is_segment(bot.bot_id), "bot_id", bot.bot_id);
  rules.require(is_segment(bot.environment_id), "environment_id", bot.environment_id);
  rules.require(is_plain_path(bot.map_file), "map", bot.map_file);
  rules.require(is_map_key(bot.map_key), "map_key", bot.map_key);
  rules.require(is_backend_name(bot.stable_backend), "stable_backend", bot.stable_backend);
  rules.require(is_backend_name(bot.canary_backend) && bot.canary_backend != bot.stable_backend,
                "canary_backend", bot.canary_backend);
  rules.require(is_url_token(bot.stable_url_token), "the stable endpoint's URLToken",
                bot.stable_url_token);
  rules.require(is_url_token(bot.canary_url_token) && bot.canary_url_token != bot.stable_url_token,
                "the canary endpoint's URLToken", bot.canary_url_token);
}

void check_places(field_rules& rules, const haproxy_bot& bot) {
  const auto is_optional_path = [](const std::string& path) {
    return path.empty() || is_plain_path(path);
  };
  rules.require(is_host_name(bot.endpoint_host), "the endpoints' host", bot.endpoint_host);
  rules.require(bot.endpoint_port != 0, "the endpoints' port", "0");
  rules.require(is_optional_path(bot.ca_file), "ca_file", bot.ca_file);
  rules.require(is_address(bot.daemon_address), "the daemon's address", bot.daemon_address);
  rules.require(bot.daemon_port != 0, "the daemon's port", "0");
  rules.require(is_bind(bot.bind), "bind", bot.bind);
  rules.require(is_optional_path(bot.bind_certificate), "bind_certificate", bot.bind_certificate);
  rules.require(is_plain_path(bot.stats_socket), "the stats socket", bot.stats_socket);
  rules.require(bot.run_as.empty() || is_made_of(bot.run_as, "-_"), "run_as", bot.run_as);
}

}  // namespace

result<void> check_haproxy_bot(const haproxy_bot& bot) {
  field_rules rules;
  check_split(rules, bot);
  check_places(rules, bot);
  return rules.outcome();
}

}  // namespace canaryd::platform
