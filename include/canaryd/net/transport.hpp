// The interface between the API's calls and what carries them: TLS, or the simulator in memory.
#pragma once

#include "canaryd/async/task.hpp"
#include "canaryd/base/error.hpp"
#include "canaryd/net/message.hpp"

namespace canaryd::net {

class transport {
 public:
  virtual ~transport() = default;

  // Sends one request and waits for its whole answer, whatever its status. Failures:
  //   refused      the request cannot be sent as it is (a line break in a header, plain http to a
  //                host that is not loopback): nothing was sent
  //   unreachable  no connection could be made: nothing was sent
  //   lost         sent at least in part, and no whole answer came within request.timeout
  //   malformed    the answer is not HTTP, or is over the body limit
  // A cancelled send throws operation_aborted; the request may have happened.
  virtual async::task<result<response>> send(request message) = 0;
};

}  // namespace canaryd::net
