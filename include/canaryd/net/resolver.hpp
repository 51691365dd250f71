// Resolves host names to addresses, with reliable deadlines.
#pragma once

#include "canaryd/async/task.hpp"
#include "canaryd/base/error.hpp"
#include "canaryd/base/time.hpp"

#include <boost/asio/ip/address.hpp>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace canaryd::net {

// The addresses in the order in which to try them.
using address_list = std::vector<boost::asio::ip::address>;

// A blocking look-up. It runs on its own thread and must not touch what belongs to the loop.
using lookup_function = std::function<result<address_list>(const std::string& host)>;

// Looks up with getaddrinfo(). Returns at most 8 addresses, in its order (RFC 6724).
result<address_list> system_lookup(const std::string& host);

// getaddrinfo() cannot be cancelled. Each look-up therefore has its own thread, which nobody joins:
// a task leaves at its deadline or when it is cancelled, the loop has no work left, and the thread
// ends when the name server has answered or getaddrinfo() gives up. Tasks that want the same name
// share one look-up and reuse its addresses for 5 seconds. At most 16 look-ups run at once.
class resolver {
 public:
  explicit resolver(const async::executor& ex, lookup_function lookup = system_lookup);

  // Returns at least one address. A name that is an address needs no look-up. Fails with
  // fault::unreachable if there is no such name, no answer before `until`, or too many look-ups are
  // under way.
  async::task<result<address_list>> resolve(std::string host, instant until);

  // Drops the addresses of that name because none of them worked; the next task looks it up again.
  void forget(const std::string& host) { kept_.erase(host); }

 private:
  struct known {
    address_list addresses;
    instant until;
  };
  struct lookup;
  result<std::shared_ptr<lookup>> join_lookup(const std::string& host);

  async::executor executor_;
  lookup_function look_up_;
  // Includes look-ups whose tasks have all left, because their threads still run.
  std::map<std::string, std::shared_ptr<lookup>> under_way_;
  std::map<std::string, known> kept_;
};

}  // namespace canaryd::net
