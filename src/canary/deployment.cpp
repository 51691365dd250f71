#include "canaryd/canary/deployment.hpp"

namespace canaryd::canary {

deployment_fate fate_of(const deployment& found) {
  if (found.status == "active")
    return deployment_fate::active;
  if (found.status == "promoted")
    return deployment_fate::promoted;
  if (found.status == "rolled_back")
    return deployment_fate::rolled_back;
  return deployment_fate::unknown;
}

}  // namespace canaryd::canary
