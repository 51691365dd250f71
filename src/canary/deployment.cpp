#include "canaryd/canary/deployment.hpp"

namespace canaryd::canary {

deployment_status status_of(const deployment& found) {
  if (found.status == "active")
    return deployment_status::active;
  if (found.status == "promoted")
    return deployment_status::promoted;
  if (found.status == "rolled_back")
    return deployment_status::rolled_back;
  return deployment_status::unknown;
}

}  // namespace canaryd::canary
