// Where audit records go (reference: "Audit records").
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace canaryd::delivery {

// What `audit.sinks` lists.
enum class audit_sink : std::uint8_t { api, file };

inline constexpr const char* audit_file_destination = "audit:file";

// The destinations of the records of that platform's jobs. What is listed counts, but a record goes
// to the file if no listed sink takes it. `api_takes` says whether the platform takes records.
std::vector<std::string> audit_destinations(const std::vector<audit_sink>& listed,
                                            const std::string& platform, bool api_takes);

}  // namespace canaryd::delivery
