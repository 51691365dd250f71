#include "canaryd/daemon/core_dumps.hpp"

#include <sys/prctl.h>

namespace canaryd::daemon {

void forbid_core_dumps() {
#if !__has_feature(address_sanitizer)
  // A limit of 0 would not do: where cores are piped to a program, the kernel does not look at it.
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
}

}  // namespace canaryd::daemon
