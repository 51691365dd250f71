// Opens a connection to a URL: name, TCP, proxy, TLS.
#pragma once

#include "canaryd/async/task.hpp"
#include "canaryd/base/error.hpp"
#include "canaryd/base/time.hpp"
#include "canaryd/net/resolver.hpp"
#include "canaryd/net/stream.hpp"
#include "canaryd/net/url.hpp"

#include <memory>
#include <optional>
#include <string>

namespace canaryd::net {

struct connect_target {
  url target;
  // An http URL. https targets are reached through it by CONNECT, plain http targets directly.
  std::optional<url> proxy;
  // Used for https targets only; must outlive open_stream(). The stream shares `sessions`.
  SSL_CTX* context = nullptr;
  std::shared_ptr<session_cache> sessions;
};

// Connects within `timeout`, which covers all stages; `way` must live as long. The addresses of a
// name are tried in turn, each with its share of the time that is left. Plain http targets are
// connected to on loopback addresses only. Fails with fault::unreachable, and the text names the
// stage, the host and the reason.
async::task<result<std::unique_ptr<stream>>> open_stream(resolver& names, const connect_target& way,
                                                         duration timeout);

}  // namespace canaryd::net
