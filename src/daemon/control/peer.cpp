#include "canaryd/daemon/control/peer.hpp"

#include "canaryd/text/text.hpp"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <pwd.h>
#include <sys/socket.h>

namespace canaryd::daemon {
namespace {

constexpr std::chrono::minutes remembered_for{10};
constexpr std::size_t max_known = 1000;
constexpr std::size_t longest_name = 64;

std::string name_of(uid_t uid) {
  std::array<char, 16UL * 1024UL> space{};
  passwd user{};
  passwd* found = nullptr;
  if (::getpwuid_r(uid, &user, space.data(), space.size(), &found) != 0 || found == nullptr)
    return fmt::to_string(uid);
  return text::printable_excerpt(found->pw_name, longest_name);
}

}  // namespace

std::optional<peer> peer_of(int socket) {
  ucred told{};
  socklen_t size = sizeof(told);
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &told, &size) != 0)
    return std::nullopt;
  return peer{.actor = fmt::format("{0}({0})", told.uid), .uid = told.uid, .pid = told.pid};
}

const std::string& user_names::actor_of(uid_t uid, instant now) {
  if (known_.size() >= max_known)
    known_.clear();
  auto& known = known_[uid];
  if (known.actor.empty() || known.until <= now)
    known = {fmt::format("{}({})", name_of(uid), uid), now + remembered_for};
  return known.actor;
}

}  // namespace canaryd::daemon
