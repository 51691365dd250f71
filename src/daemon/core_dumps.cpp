#include "canaryd/daemon/core_dumps.hpp"

#include <sys/prctl.h>

namespace canaryd::daemon {

void forbid_core_dumps() {
#if !__has_feature(address_sanitizer)
  // A limit of 0 is not enough: the kernel ignores it if cores are piped to a program.
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
}

}  // namespace canaryd::daemon
