#include "canaryd/platform/haproxy/haproxy_config.hpp"

#include "canaryd/net/url.hpp"

#include <fmt/format.h>

#include "haproxy_bot_rules.hpp"

namespace canaryd::platform {
namespace {

std::string watched_path(const haproxy_bot& bot) {
  return fmt::format("/v1/watched/{}/{}", net::percent_encode(bot.bot_id),
                     net::percent_encode(bot.environment_id));
}

std::string daemon_authority(const haproxy_bot& bot) {
  return net::authority_of(
      {.scheme = "http", .host = bot.daemon_address, .port = bot.daemon_port, .target = "/"});
}

// HAProxy takes what follows the last colon of an address for a port.
std::string check_address(const haproxy_bot& bot) {
  return bot.daemon_address.contains(':') ? fmt::format("[{}]", bot.daemon_address)
                                          : bot.daemon_address;
}

// A name of this machine is in no DNS, where HAProxy would ask for it while it runs.
bool is_in_dns(const haproxy_bot& bot) {
  return bot.endpoint_host != "localhost";
}

std::string global_part(const haproxy_bot& bot) {
  const auto owner = bot.run_as.empty() ? "" : fmt::format(" user {0} group {0}", bot.run_as);
  const auto change =
      bot.run_as.empty() ? "" : fmt::format("    user {0}\n    group {0}\n", bot.run_as);
  return fmt::format(
      R"(# canaryd: shares the sessions of {watched} out between two endpoints of Cognigy.
# Before HAProxy starts, {map} must contain this line, with a share of 0:
#   {key} 0

global
    log /dev/log local0 notice
    # The daemon must be in the group of this socket.
    stats socket {socket}{owner} mode 660 level operator
{change}    # A session id in a JSON body is found only if header and body fit into this.
    tune.bufsize 65536

defaults
    mode http
    log global
    option forwardfor
    timeout connect 5s
    timeout http-request 10s
    timeout client 60s
    timeout server 60s
    timeout tunnel 1h
)",
      fmt::arg("watched", watched_path(bot)), fmt::arg("map", bot.map_file),
      fmt::arg("key", bot.map_key), fmt::arg("socket", bot.stats_socket), fmt::arg("owner", owner),
      fmt::arg("change", change));
}

// Without this, HAProxy asks for the host's address when it starts, and never again. Known
// addresses are kept while no name server answers.
std::string resolvers_part(const haproxy_bot& bot) {
  if (!is_in_dns(bot))
    return {};
  return R"(
resolvers canaryd
    parse-resolv-conf
    hold nx 1h
    hold other 1h
    hold refused 1h
    hold timeout 1h
)";
}

std::string frontend_part(const haproxy_bot& bot) {
  const auto certificate =
      bot.bind_certificate.empty() ? "" : fmt::format(" ssl crt {}", bot.bind_certificate);
  return fmt::format(R"(
frontend canaryd_{key}
    bind {bind}{certificate}
    option http-buffer-request
    # Other requests are passed on as they are.
    acl of_this_bot path,field(2,/) -m str {token}
    acl of_this_bot url_param(urlToken) -m str {token}
    http-request set-var(txn.session) url_param(sessionId),url_dec(1)
    http-request set-var(txn.session) req.body,json_query('$.sessionId') unless {{ var(txn.session),length gt 0 }}
    http-request set-var(txn.bucket) var(txn.session),xxh32({seed}),mod(10000)
    http-request set-var(txn.limit) str({key}),map_str_int({map},0)
    acl has_session var(txn.session),length gt 0
    acl below_share var(txn.bucket),sub(txn.limit) -m int lt 0
    acl canary_is_watched nbsrv({canary}) gt 0
    use_backend {canary} if of_this_bot has_session below_share canary_is_watched
    default_backend {stable}
)",
                     fmt::arg("key", bot.map_key), fmt::arg("bind", bot.bind),
                     fmt::arg("certificate", certificate), fmt::arg("token", bot.stable_url_token),
                     fmt::arg("seed", bot.seed), fmt::arg("map", bot.map_file),
                     fmt::arg("canary", bot.canary_backend),
                     fmt::arg("stable", bot.stable_backend));
}

// The server of both backends, and the header that names it.
std::string server_lines(const haproxy_bot& bot, std::string_view further) {
  const auto host = net::authority_of(
      {.scheme = "https", .host = bot.endpoint_host, .port = bot.endpoint_port, .target = "/"});
  return fmt::format(
      "    http-request set-header Host {}\n"
      "    server cognigy {}:{} ssl verify required ca-file {} sni str({}){}{}\n",
      host, bot.endpoint_host, bot.endpoint_port, bot.ca_file.empty() ? "@system-ca" : bot.ca_file,
      bot.endpoint_host, is_in_dns(bot) ? " resolvers canaryd init-addr last,libc,none" : "",
      further);
}

std::string stable_part(const haproxy_bot& bot) {
  return fmt::format("\nbackend {}\n{}", bot.stable_backend, server_lines(bot, ""));
}

// At the worst, a daemon that hangs is noticed after 1 s + 3 * 0.75 s + 2 * 0.5 s.
std::string canary_part(const haproxy_bot& bot) {
  const auto check =
      fmt::format(" check addr {} port {} no-check-ssl inter 1s fastinter 500ms fall 3 rise 2",
                  check_address(bot), bot.daemon_port);
  return fmt::format(
      R"(
# Counts as up only while the daemon says that it watches the canary.
backend {backend}
    option httpchk
    http-check send meth GET uri {watched} ver HTTP/1.1 hdr Host {daemon}
    http-check expect status 200
    timeout check 750ms
    http-request replace-path '^/{stable}(/.*)?$' '/{canary}\1'
    http-request replace-pathq '^([^?]*\?(.*&)?)urlToken={stable}(&.*)?$' '\1urlToken={canary}\3'
{server})",
      fmt::arg("backend", bot.canary_backend), fmt::arg("watched", watched_path(bot)),
      fmt::arg("daemon", daemon_authority(bot)), fmt::arg("stable", bot.stable_url_token),
      fmt::arg("canary", bot.canary_url_token), fmt::arg("server", server_lines(bot, check)));
}

}  // namespace

result<std::string> make_haproxy_config(const haproxy_bot& bot) {
  if (const auto checked = check_haproxy_bot(bot); !checked)
    return std::unexpected{checked.error()};
  return global_part(bot) + resolvers_part(bot) + frontend_part(bot) + stable_part(bot) +
         canary_part(bot);
}

}  // namespace canaryd::platform
