// Says what is wrong with the fields of a haproxy_bot. Pure.
#pragma once

#include "canaryd/platform/haproxy/haproxy_config.hpp"

namespace canaryd::platform {

// Fails with `refused` for the first field that HAProxy would misread.
result<void> check_haproxy_bot(const haproxy_bot& bot);

}  // namespace canaryd::platform
