#include "canaryd/platform/haproxy/haproxy_splitter.hpp"

#include "canaryd/platform/haproxy/info_answer.hpp"
#include "canaryd/platform/haproxy/map_answer.hpp"
#include "canaryd/platform/haproxy/names.hpp"
#include "canaryd/platform/haproxy/runtime_socket.hpp"
#include "canaryd/platform/haproxy/stat_answer.hpp"
#include "canaryd/text/text.hpp"

#include <fmt/format.h>

namespace canaryd::platform {
namespace {

// Both on one connection, and so from one process even while HAProxy is being reloaded. All
// backends are asked for, because HAProxy would take a name for that of a frontend first, or for a
// number.
constexpr std::string_view count_commands = "show info; show stat -1 2 -1";
constexpr std::size_t shown_name_characters = 80;

std::unexpected<error> no_name(std::string_view what, std::string_view name) {
  return failure(fault::refused,
                 fmt::format("\"{}\" cannot be the name of a {} in HAProxy",
                             text::printable_excerpt(name, shown_name_characters), what));
}

result<void> check_names(const haproxy_settings& settings, std::string_view key) {
  if (!is_plain_path(settings.map))
    return no_name("map", settings.map);
  if (!is_map_key(key))
    return no_name("key", key);
  return {};
}

// The error with what was asked, for a person.
error with_place(error problem, const haproxy_settings& settings, std::string_view command) {
  problem.text = fmt::format("HAProxy at {}: {}: {}", settings.socket, command, problem.text);
  return problem;
}

async::task<result<basis_points>> ask_share(haproxy_settings settings, std::string key,
                                            instant until) {
  const auto command = fmt::format("get map {} {}", settings.map, key);
  const auto answer = co_await ask_runtime(settings.socket, command, until);
  auto share = answer ? read_map_value(*answer, key) : std::unexpected{answer.error()};
  if (!share)
    co_return std::unexpected{with_place(std::move(share.error()), settings, command)};
  co_return share;
}

async::task<result<void>> send_share(haproxy_settings settings, std::string key, basis_points share,
                                     instant until) {
  const auto command = fmt::format("set map {} {} {}", settings.map, key, share);
  const auto answer = co_await ask_runtime(settings.socket, command, until);
  auto done = answer ? read_map_change(*answer) : std::unexpected{answer.error()};
  if (!done)
    co_return std::unexpected{with_place(std::move(done.error()), settings, command)};
  co_return done;
}

async::task<result<void>> confirm_share(haproxy_settings settings, std::string key,
                                        basis_points share, instant until) {
  auto found = co_await ask_share(settings, key, until);
  if (!found) {
    // To the caller `unreachable` means that nothing was sent, but the share was.
    if (found.error().kind == fault::unreachable)
      found.error().kind = fault::lost;
    co_return std::unexpected{std::move(found.error())};
  }
  if (*found != share)
    co_return failure(fault::malformed, fmt::format("HAProxy at {}: {} was set to {} and is {}",
                                                    settings.socket, key, share, *found));
  co_return result<void>{};
}

result<backend_counters> read_both(std::string_view answer, std::string_view backend) {
  const auto first_end = answer.find("\n\n");
  const auto info = answer.substr(0, first_end == answer.npos ? first_end : first_end + 2);
  auto start = read_start(info);
  if (!start)
    return std::unexpected{std::move(start.error())};
  auto counted = read_backend_row(answer.substr(info.size()), backend);
  if (counted)
    counted->start = *std::move(start);
  return counted;
}

async::task<result<backend_counters>> ask_counters(haproxy_settings settings, std::string backend,
                                                   instant until) {
  if (!is_backend_name(backend))
    co_return no_name("backend", backend);
  const auto answer = co_await ask_runtime(settings.socket, std::string{count_commands}, until);
  auto counted = answer ? read_both(*answer, backend) : std::unexpected{answer.error()};
  if (!counted)
    co_return std::unexpected{with_place(std::move(counted.error()), settings, count_commands)};
  co_return counted;
}

async::task<result<basis_points>> checked_read(haproxy_settings settings, std::string key,
                                               instant until) {
  if (auto named = check_names(settings, key); !named)
    co_return std::unexpected{std::move(named.error())};
  co_return co_await ask_share(std::move(settings), std::move(key), until);
}

async::task<result<void>> checked_set(haproxy_settings settings, std::string key,
                                      basis_points share, instant until) {
  if (auto named = check_names(settings, key); !named)
    co_return named;
  if (share < 0 || share > all_sessions)
    co_return failure(fault::refused,
                      fmt::format("{} is no share from 0 to {}", share, all_sessions));
  if (auto sent = co_await send_share(settings, key, share, until); !sent)
    co_return sent;
  co_return co_await confirm_share(std::move(settings), std::move(key), share, until);
}

}  // namespace

// These are no coroutines, so that the time runs from the call and nothing of the object is used
// later.
async::task<result<basis_points>> haproxy_splitter::read_share(std::string key) {
  return checked_read(settings_, std::move(key), async::clock::now() + settings_.timeout);
}

async::task<result<void>> haproxy_splitter::set_share(std::string key, basis_points share) {
  return checked_set(settings_, std::move(key), share, async::clock::now() + settings_.timeout);
}

async::task<result<backend_counters>> haproxy_splitter::read_counters(std::string backend) {
  return ask_counters(settings_, std::move(backend), async::clock::now() + settings_.timeout);
}

}  // namespace canaryd::platform
