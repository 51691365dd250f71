#include "canaryd/net/resolver.hpp"

#include "canaryd/net/deadline.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/system/system_error.hpp>
#include <fmt/format.h>

#include <atomic>
#include <cstring>
#include <fcntl.h>
#include <netdb.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <utility>

namespace canaryd::net {
namespace {

constexpr std::size_t max_addresses = 8;
constexpr std::size_t max_lookups = 16;
// Long enough for many connections that open at once, short enough to notice a new address soon.
constexpr duration longest_kept = std::chrono::seconds{5};

using boost::system::error_code;
using descriptor = boost::asio::posix::basic_stream_descriptor<async::executor>;

struct free_addrinfo {
  void operator()(addrinfo* list) const { freeaddrinfo(list); }
};

boost::asio::ip::address to_address(const addrinfo& entry) {
  boost::asio::ip::tcp::endpoint endpoint;
  endpoint.resize(entry.ai_addrlen);
  std::memcpy(endpoint.data(), entry.ai_addr, entry.ai_addrlen);
  return endpoint.address();
}

}  // namespace

result<address_list> system_lookup(const std::string& host) {
  const addrinfo hints{.ai_flags = AI_ADDRCONFIG,
                       .ai_family = AF_UNSPEC,
                       .ai_socktype = SOCK_STREAM,
                       .ai_protocol = 0,
                       .ai_addrlen = 0,
                       .ai_addr = nullptr,
                       .ai_canonname = nullptr,
                       .ai_next = nullptr};
  addrinfo* first = nullptr;
  const int problem = getaddrinfo(host.c_str(), nullptr, &hints, &first);
  const std::unique_ptr<addrinfo, free_addrinfo> list{first};
  if (problem != 0)
    return failure(fault::unreachable,
                   fmt::format("cannot resolve {}: {}", host, gai_strerror(problem)));
  address_list found;
  for (const auto* each = list.get(); each != nullptr && found.size() < max_addresses;
       each = each->ai_next)
    found.push_back(to_address(*each));
  if (found.empty())
    return failure(fault::unreachable, fmt::format("cannot resolve {}: it has no address", host));
  return found;
}

// Shared by the waiting tasks and the thread that looks up. The last one to let go closes the
// descriptor.
struct resolver::lookup {
  lookup() : event{eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)} {}
  ~lookup() {
    if (event >= 0)
      close(event);
  }
  lookup(const lookup&) = delete;
  lookup& operator=(const lookup&) = delete;

  // The thread writes it before it sets `done`; the loop reads it only after that.
  result<address_list> found;
  std::atomic<bool> done{false};
  // Becomes readable once `done` is set.
  int event;

  void run(const lookup_function& look_up, const std::string& host) {
    found = look_up(host);
    done.store(true, std::memory_order_release);
    // A fresh counter cannot overflow, so the write cannot fail.
    eventfd_write(event, 1);
  }
};

resolver::resolver(const async::executor& ex, lookup_function lookup)
    : executor_{ex}, look_up_{std::move(lookup)} {}

result<std::shared_ptr<resolver::lookup>> resolver::join_lookup(const std::string& host) {
  std::erase_if(under_way_, [](const auto& each) { return each.second->done.load(); });
  if (const auto same = under_way_.find(host); same != under_way_.end())
    return same->second;
  if (under_way_.size() >= max_lookups)
    return failure(fault::unreachable,
                   fmt::format("cannot resolve {}: too many look-ups under way", host));
  auto started = std::make_shared<lookup>();
  if (started->event < 0)
    return failure(fault::unreachable, fmt::format("cannot resolve {}: no descriptor left", host));
  try {
    std::thread{[started, look_up = look_up_, host] { started->run(look_up, host); }}.detach();
  } catch (const std::system_error& problem) {
    return failure(fault::unreachable, fmt::format("cannot resolve {}: {}", host, problem.what()));
  }
  under_way_.emplace(host, started);
  return started;
}

async::task<result<address_list>> resolver::resolve(std::string host, instant until) {
  error_code ec;
  if (const auto literal = boost::asio::ip::make_address(host, ec); !ec)
    co_return address_list{literal};
  const auto now = async::clock::now();
  std::erase_if(kept_, [now](const auto& each) { return each.second.until <= now; });
  if (const auto same = kept_.find(host); same != kept_.end())
    co_return same->second.addresses;
  const auto joined = join_lookup(host);
  if (!joined)
    co_return std::unexpected{joined.error()};
  const auto& shared = *joined;

  const int event = fcntl(shared->event, F_DUPFD_CLOEXEC, 0);
  if (event < 0)
    co_return failure(fault::unreachable,
                      fmt::format("cannot resolve {}: no descriptor left", host));
  descriptor ready{executor_, event};
  const deadline limit{executor_, until, [&ready] { ready.cancel(); }};
  // A wait may end early: Asio may mistake a late event of a closed descriptor for one of ours.
  while (!shared->done.load(std::memory_order_acquire)) {
    if (async::clock::now() >= until)
      co_return failure(fault::unreachable,
                        fmt::format("cannot resolve {}: no answer in time", host));
    co_await ready.async_wait(descriptor::wait_read,
                              boost::asio::redirect_error(async::use_task, ec));
    if (ec && async::clock::now() < until)
      throw boost::system::system_error{ec};
  }
  if (shared->found)
    kept_.insert_or_assign(host, known{*shared->found, async::clock::now() + longest_kept});
  co_return shared->found;
}

}  // namespace canaryd::net
