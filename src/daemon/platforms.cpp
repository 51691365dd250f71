#include "canaryd/daemon/platforms.hpp"

#include "canaryd/daemon/tell/log.hpp"

#include <utility>

namespace canaryd::daemon {

platforms::platforms(const config& settings, const secrets& keys, transport_source transports,
                     platform_surroundings around)
    : around_{std::move(around)}, transports_{std::move(transports)} {
  reconfigure(settings, keys);
}

void platforms::reconfigure(const config& settings, const secrets& keys) {
  configured_.clear();
  usual_ = usual_platform(settings);
  for (const auto& [name, each] : settings.platforms) {
    configured_.insert(name);
    of(name).configure(each, keys.platforms.at(name), transports_(name));
  }
}

platform_access& platforms::of(const std::string& name) {
  const auto found = all_.find(name);
  if (found != all_.end())
    return *found->second;
  if (!configured_.contains(name))
    log(severity::critical, topic::provider,
        "a job's platform is not configured: its canary cannot be watched until it is",
        {{"platform", name}});
  auto& added = *all_.emplace(name, std::make_unique<platform_access>(name, around_)).first->second;
  if (is_started_)
    added.start();
  return added;
}

std::vector<platform_access*> platforms::configured() const {
  std::vector<platform_access*> found;
  for (const auto& name : configured_)
    found.push_back(all_.at(name).get());
  return found;
}

std::set<std::string> platforms::other_clients(const secrets& keys) const {
  std::set<std::string> others;
  for (const auto& [name, each] : keys.platforms) {
    const auto found = all_.find(name);
    if (found != all_.end() && found->second->client_id() != each.client_id)
      others.insert(name);
  }
  return others;
}

void platforms::start() {
  is_started_ = true;
  for (const auto& [name, each] : all_)
    each->start();
}

void platforms::cancel() {
  for (const auto& [name, each] : all_)
    each->cancel();
}

async::task<> platforms::join() {
  for (const auto& [name, each] : all_)
    co_await each->join();
}

async::task<> platforms::end_tokens() {
  for (const auto& [name, each] : all_)
    co_await each->end_token();
}

}  // namespace canaryd::daemon
