// Says which calls are served first when they wait for the rate budget (reference: "Rate budget").
#pragma once

#include <cstdint>

namespace canaryd::platform {

// The first is served first. rollback_repeat is every attempt of a rollback after its first.
enum class priority : std::uint8_t { rollback, rollback_repeat, change, deploy, record, poll };

}  // namespace canaryd::platform
