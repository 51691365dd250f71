// Who is served first when calls wait for the rate budget (reference: "Rate budget").
#pragma once

#include <cstdint>

namespace canaryd::platform {

// In order of service. rollback_repeat is every attempt of a rollback after its first.
enum class priority : std::uint8_t { rollback, rollback_repeat, change, deploy, record, poll };

}  // namespace canaryd::platform
