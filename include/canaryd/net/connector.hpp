// From a URL to an open connection: name, TCP, proxy, TLS.
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

struct route {
  url target;
  // An http URL: reached through it by CONNECT. Plain http targets are reached directly.
  std::optional<url> proxy;
  // Used for https targets only, and must outlive the connecting. `sessions` is shared with it.
  SSL_CTX* context = nullptr;
  std::shared_ptr<session_cache> sessions;
};

// Connects within `timeout` (`way` must live as long), all stages together. The addresses of a name
// are tried in turn, each with its share of the time that is left. A plain http target is connected
// to on loopback addresses only. fault::unreachable: the text names the stage, the host and the
// reason.
async::task<result<std::unique_ptr<stream>>> open_stream(resolver& names, const route& way,
                                                         duration timeout);

}  // namespace canaryd::net
