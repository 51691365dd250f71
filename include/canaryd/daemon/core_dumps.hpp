// Keeps secrets in memory out of core files.
#pragma once

namespace canaryd::daemon {

// The kernel writes no core file of this process, however the machine handles core files, and no
// process of the same user can read its memory. This has no effect in a build for AddressSanitizer,
// whose leak check must read the memory.
void forbid_core_dumps();

}  // namespace canaryd::daemon
