// Keeps secrets in memory out of core files.
#pragma once

namespace canaryd::daemon {

// No core file of this process is written, whatever the machine does with core files, and no
// process of the same user may look into its memory. Without effect in a build for
// AddressSanitizer, whose leak check has to look.
void forbid_core_dumps();

}  // namespace canaryd::daemon
