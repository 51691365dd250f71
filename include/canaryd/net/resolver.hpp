// Host names to addresses, with deadlines that hold.
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

// In the order in which they are to be tried.
using address_list = std::vector<boost::asio::ip::address>;

// A blocking look-up; called on a thread of its own, so it may use nothing of the loop's.
using lookup_function = std::function<result<address_list>(const std::string& host)>;

// getaddrinfo(): at most 8 addresses, in its order (RFC 6724).
result<address_list> system_lookup(const std::string& host);

// getaddrinfo() cannot be cancelled. So each look-up has a thread of its own that nobody waits for:
// a task leaves at its deadline or when it is cancelled, the loop keeps no work, and the thread
// ends when the name server has answered or given up. Tasks that want the same name share one
// look-up, and its addresses serve for the next 5 seconds; at most 16 are under way.
class resolver {
 public:
  explicit resolver(const async::executor& ex, lookup_function lookup = system_lookup);

  // The addresses of a name, at least one; an address as text is its own answer at once.
  // fault::unreachable: no such name, no answer before `until`, too many look-ups under way.
  async::task<result<address_list>> resolve(std::string host, instant until);

  // The addresses of that name turned out to be of no use: the next task looks it up again.
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
  // Also those whose tasks have all left: they still hold their threads.
  std::map<std::string, std::shared_ptr<lookup>> under_way_;
  std::map<std::string, known> kept_;
};

}  // namespace canaryd::net
