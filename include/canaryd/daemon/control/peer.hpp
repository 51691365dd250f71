// Finds out who is at the other end of a Unix socket (SO_PEERCRED, unix(7)).
#pragma once

#include "canaryd/base/time.hpp"

#include <map>
#include <optional>
#include <string>
#include <sys/types.h>

namespace canaryd::daemon {

struct peer {
  // The name for audit records: "ada(1000)", or "(1000)" if the user has no name here.
  std::string actor;
  uid_t uid = 0;
  // The process that connected. Another process may have this number by now.
  pid_t pid = 0;
};

// Returns uid and pid of the client, without its name. Returns nothing if the kernel does not tell.
std::optional<peer> peer_of(int socket);

// Looks up the names of users, each at most once in ten minutes, because that may ask a directory
// server.
class user_names {
 public:
  // Returns "ada(1000)" or "(1000)".
  const std::string& actor_of(uid_t uid, instant now);

 private:
  struct entry {
    std::string actor;
    instant until;
  };
  std::map<uid_t, entry> known_;
};

}  // namespace canaryd::daemon
