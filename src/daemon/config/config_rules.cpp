#include "config_rules.hpp"

#include "canaryd/net/url.hpp"
#include "canaryd/text/text.hpp"
#include "canaryd/text/url_text.hpp"

#include <boost/url/authority_view.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace canaryd::daemon {
namespace {

using text::rule;

bool is_visible(std::string_view text) {
  return std::ranges::all_of(text, text::is_visible_ascii);
}

rule<std::string> url(std::string allowed, std::function<bool(const net::url&)> accepts) {
  auto rule = text::text_of(std::move(allowed), 1, 2048,
                            [accepts = std::move(accepts)](std::string_view text) {
                              const auto address = net::parse_url(text);
                              return address && accepts(*address);
                            });
  rule.show = text::show_url;
  return rule;
}

bool is_private_enough(const net::url& address) {
  return address.scheme == "https" || net::is_loopback(address);
}

std::optional<listen_address> read_listen_address(const boost::json::value& value) {
  if (!value.is_string())
    return std::nullopt;
  const auto place = boost::urls::parse_authority(value.get_string());
  if (!place || place->has_userinfo() ||
      (place->host_type() != boost::urls::host_type::ipv4 &&
       place->host_type() != boost::urls::host_type::ipv6))
    return std::nullopt;
  const auto port = text::read_port(place->port());
  if (!port)
    return std::nullopt;
  return listen_address{.host = place->host_address(), .port = *port};
}

}  // namespace

rule<std::string> absolute_path(std::size_t max_bytes) {
  return text::text_of(
      fmt::format("an absolute path of at most {} bytes", max_bytes), 1, max_bytes,
      [](std::string_view name) { return name.starts_with('/') && text::is_printable(name); });
}

rule<std::string> api_url() {
  return url("an absolute https URL (http only to a loopback address) without user part",
             is_private_enough);
}

rule<std::string> base_url() {
  return url("an absolute https URL (http only to a loopback address) without user part and query",
             [](const net::url& address) {
               return is_private_enough(address) && !address.target.contains('?');
             });
}

rule<std::string> proxy_url() {
  return url("http://host:port", [](const net::url& address) {
    return address.scheme == "http" && address.target == "/";
  });
}

rule<std::string> call_path() {
  return text::text_of("a path of 1 to 1024 visible ASCII characters", 1, 1024, is_visible);
}

rule<std::string> client_id() {
  return text::text_of("1 to 256 visible ASCII characters", 1, 256, is_visible);
}

rule<std::string> scope() {
  return text::text_of(
      "1 to 128 visible ASCII characters other than \" and \\", 1, 128, [](std::string_view text) {
        return is_visible(text) && text.find_first_of("\"\\") == std::string_view::npos;
      });
}

rule<std::string> word(std::initializer_list<std::string> words) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const auto& each : words)
    pairs.emplace_back(each, each);
  return text::one_of(std::move(pairs));
}

rule<listen_address> listening_address() {
  return {.allowed = "address:port, such as \"127.0.0.1:9464\" or \"[::1]:9464\"",
          .read = read_listen_address};
}

}  // namespace canaryd::daemon
