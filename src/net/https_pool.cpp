#include "canaryd/net/https_pool.hpp"

#include "canaryd/net/connection.hpp"
#include "canaryd/net/connector.hpp"
#include "canaryd/net/request_text.hpp"
#include "canaryd/text/secret.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

namespace canaryd::net {
namespace {

constexpr duration max_idle_time = std::chrono::seconds{60};
// More than a configuration names. Unused origins make room for new ones.
constexpr std::size_t max_origins = 16;

struct idle_connection {
  std::unique_ptr<connection> open;
  instant since;
};

// What is kept for one scheme, host and port.
struct origin {
  url address;
  std::shared_ptr<session_cache> sessions = std::make_shared<session_cache>();
  // The connection that was used last is at the back and is reused first.
  std::vector<idle_connection> idle;
};

bool is_same_origin(const url& one, const url& other) {
  return one.port == other.port && one.host == other.host && one.scheme == other.scheme;
}

std::unique_ptr<connection> take_idle(origin& from) {
  const auto oldest = async::clock::now() - max_idle_time;
  std::erase_if(from.idle, [oldest](const auto& each) { return each.since < oldest; });
  while (!from.idle.empty()) {
    auto newest = std::move(from.idle.back().open);
    from.idle.pop_back();
    if (newest->is_quiet())
      return newest;
  }
  return nullptr;
}

void keep(origin& at, std::unique_ptr<connection> used, std::size_t max_idle) {
  if (used->is_reusable() && at.idle.size() < max_idle)
    at.idle.push_back({.open = std::move(used), .since = async::clock::now()});
}

result<std::optional<url>> parse_proxy(const std::string& text) {
  if (text.empty())
    return std::nullopt;
  const auto proxy = parse_url(text);
  if (!proxy)
    return failure(fault::refused, "proxy: " + proxy.error().text);
  if (proxy->scheme != "http" || proxy->target != "/")
    return failure(fault::refused, "proxy: it must be http://host:port and no more");
  return *proxy;
}

bool may_repeat(const request& message, reach came_to) {
  if (came_to == reach::nothing_sent)
    return true;
  const bool reads_only = message.method == "GET" || message.method == "HEAD";
  return came_to == reach::no_answer && reads_only && (!message.may_repeat || message.may_repeat());
}

// When the peer does not answer on a reused connection, the connections that were idle at the time
// are probably dead too: a firewall drops connections silently.
void drop_idle_since(origin& at, instant then) {
  std::erase_if(at.idle, [then](const auto& each) { return each.since < then; });
}

error about(const request& message, error cause) {
  cause.text = fmt::format("{} {}: {}", message.method, loggable(message.target), cause.text);
  return cause;
}

// Wipes a request from memory when it is over, because it carries a token or a secret.
class wiped_credentials {
 public:
  wiped_credentials(request& message, result<std::string>& text) : message_{message}, text_{text} {}
  ~wiped_credentials() {
    for (auto& each : message_.headers)
      text::wipe(each.value);
    text::wipe(message_.body);
    if (text_)
      text::wipe(*text_);
  }
  wiped_credentials(const wiped_credentials&) = delete;
  wiped_credentials& operator=(const wiped_credentials&) = delete;

 private:
  request& message_;
  result<std::string>& text_;
};

result<void> check_scheme(const request& message) {
  if (message.target.scheme == "https" || is_loopback(message.target))
    return {};
  return failure(fault::refused, "plain http is for loopback addresses only");
}

}  // namespace

struct https_state {
  https_options options;
  std::optional<url> proxy;
  tls_context context;
  std::vector<std::shared_ptr<origin>> origins;

  std::shared_ptr<origin> origin_of(const url& target) {
    const auto found = std::ranges::find_if(
        origins, [&target](const auto& each) { return is_same_origin(each->address, target); });
    if (found != origins.end())
      return *found;
    if (origins.size() >= max_origins)
      std::erase_if(origins, [](const auto& each) { return each.use_count() == 1; });
    auto added = std::make_shared<origin>();
    added->address = target;
    added->address.target = "/";
    origins.push_back(added);
    return added;
  }
};

https_pool::https_pool(const async::executor& ex, prepared_https settings)
    : executor_{ex}, names_{std::make_unique<resolver>(ex)}, state_{std::move(settings.made_)} {}

https_pool::~https_pool() = default;
https_pool::https_pool(https_pool&&) noexcept = default;
https_pool& https_pool::operator=(https_pool&&) noexcept = default;

result<prepared_https> prepare_https(https_options options) {
  auto proxy = parse_proxy(options.proxy);
  if (!proxy)
    return std::unexpected{proxy.error()};
  auto context = make_tls_context(options.ca_file);
  if (!context)
    return std::unexpected{context.error()};
  return prepared_https{std::make_shared<https_state>(
      https_state{std::move(options), *std::move(proxy), *std::move(context), {}})};
}

result<https_pool> make_https_pool(const async::executor& ex, https_options options) {
  auto prepared = prepare_https(std::move(options));
  if (!prepared)
    return std::unexpected{prepared.error()};
  return https_pool{ex, *std::move(prepared)};
}

void https_pool::adopt(prepared_https settings) {
  // A send under way keeps the old state alive, and with it the origin that its connection goes
  // back to.
  state_->origins.clear();
  state_ = std::move(settings.made_);
}

result<void> https_pool::reconfigure(https_options options) {
  auto prepared = prepare_https(std::move(options));
  if (!prepared)
    return std::unexpected{prepared.error()};
  adopt(*std::move(prepared));
  return {};
}

async::task<result<response>> https_pool::send(request message) {
  auto text = make_request_text(message);
  const wiped_credentials wiped{message, text};
  if (const auto allowed = check_scheme(message); !allowed)
    co_return std::unexpected{about(message, allowed.error())};
  if (!text)
    co_return std::unexpected{about(message, text.error())};
  const auto shape = message.method == "HEAD" ? answer_shape::header_only : answer_shape::with_body;

  const auto mine = state_;
  const auto peer = mine->origin_of(message.target);
  auto open = message.fresh_connection ? nullptr : take_idle(*peer);
  for (;;) {
    const bool reused = open != nullptr;
    if (!reused) {
      const connect_target way{message.target, mine->proxy, mine->context.get(), peer->sessions};
      auto bytes = co_await open_stream(*names_, way, mine->options.connect_timeout);
      if (!bytes)
        co_return std::unexpected{about(message, std::move(bytes.error()))};
      open = std::make_unique<connection>(*std::move(bytes), mine->options.body_limit_bytes);
    }
    const auto begun = async::clock::now();
    if (message.on_sent)
      message.on_sent();
    const auto end = begun + message.timeout;
    auto answer = co_await open->exchange(*text, shape, end);
    if (answer) {
      keep(*peer, std::move(open), mine->options.max_idle);
      co_return *std::move(answer);
    }
    if (reused && async::clock::now() >= begun + message.timeout)
      drop_idle_since(*peer, begun);
    if (!reused || !may_repeat(message, answer.error().came_to))
      co_return std::unexpected{about(message, std::move(answer.error().cause))};
    open.reset();
  }
}

void https_pool::close_idle() {
  for (const auto& each : state_->origins)
    each->idle.clear();
}

std::size_t https_pool::idle_connections() const {
  return std::accumulate(state_->origins.begin(), state_->origins.end(), std::size_t{0},
                         [](std::size_t sum, const auto& each) { return sum + each->idle.size(); });
}

}  // namespace canaryd::net
