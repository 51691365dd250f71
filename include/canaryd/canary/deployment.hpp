// A deployment as the API describes it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace canaryd::canary {

// What a status word means. The API may have further words. An unknown one means that the
// deployment is live, never that it succeeded.
enum class deployment_status : std::uint8_t { active, promoted, rolled_back, unknown };

struct deployment {
  std::string id;
  std::string version;
  // As the API wrote it; empty where the answer had none.
  std::string status;
  std::optional<double> canary_percent;
  // Empty where the answer does not name them.
  std::string bot_id;
  std::string environment_id;
  // As the API wrote it (created_at or createdAt), empty where absent.
  std::string created_at;

  bool operator==(const deployment&) const = default;
};

deployment_status status_of(const deployment& found);

// Not promoted and not rolled back: it may be serving traffic.
inline bool is_live(const deployment& found) {
  const auto status = status_of(found);
  return status == deployment_status::active || status == deployment_status::unknown;
}

struct deployment_list {
  // Every one has an id.
  std::vector<deployment> items;
  // What could be read of the other deployments. Each lacks something that matters, or has it in an
  // unusable form.
  std::vector<deployment> unreadable;

  bool operator==(const deployment_list&) const = default;
};

}  // namespace canaryd::canary
