#include "canaryd/delivery/audit_route.hpp"

#include "canaryd/delivery/audit_payload.hpp"

#include <algorithm>

namespace canaryd::delivery {
namespace {

bool lists(const std::vector<audit_sink>& listed, audit_sink which) {
  return std::ranges::find(listed, which) != listed.end();
}

}  // namespace

std::vector<std::string> audit_destinations(const std::vector<audit_sink>& listed,
                                            const std::string& platform, bool api_takes) {
  std::vector<std::string> all;
  if (api_takes && lists(listed, audit_sink::api))
    all.push_back(audit_destination(platform));
  if (all.empty() || lists(listed, audit_sink::file))
    all.emplace_back(audit_file_destination);
  return all;
}

}  // namespace canaryd::delivery
