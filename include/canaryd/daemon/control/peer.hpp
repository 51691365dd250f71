// Who is at the other end of a Unix socket (SO_PEERCRED, unix(7)).
#pragma once

#include "canaryd/base/time.hpp"

#include <map>
#include <optional>
#include <string>
#include <sys/types.h>

namespace canaryd::daemon {

struct peer {
  // As audit records have it: "ada(1000)", or "(1000)" where the user has no name here.
  std::string actor;
  uid_t uid = 0;
  // When it connected; may be another process's by now.
  pid_t pid = 0;
};

// Who connected, known by number; without their names. Nothing where the kernel does not tell.
std::optional<peer> peer_of(int socket);

// Names of users, each asked for once in ten minutes: that may mean asking a directory server.
class user_names {
 public:
  // "ada(1000)", or "(1000)".
  const std::string& actor_of(uid_t uid, instant now);

 private:
  struct entry {
    std::string actor;
    instant until;
  };
  std::map<uid_t, entry> known_;
};

}  // namespace canaryd::daemon
