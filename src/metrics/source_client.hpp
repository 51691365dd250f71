// Asks one web source: waits its turn, sends, repeats what is worth repeating, and says in whose
// name an error is.
#pragma once

#include "canaryd/async/task.hpp"
#include "canaryd/metrics/source_reader.hpp"
#include "canaryd/net/url.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace canaryd::metrics {

// What one look at a source may still take. Waiting for the rate budget and for a connection takes
// nothing from it.
struct time_left {
  duration left{};
  int repeats = 2;
};

enum class on_500 : std::uint8_t { repeat, tell };

class source_client {
 public:
  // What it refers to must outlive it.
  source_client(std::string_view name, const source_access& access,
                const std::function<double()>& random)
      : name_{name}, access_{access}, random_{random} {}

  // The body of a 2xx to a GET of `url`, in at most `time.left`.
  async::task<result<std::string>> ask(std::string url, time_left& time,
                                       on_500 then = on_500::repeat) const;

  // The error of a 2xx whose body is of no use.
  error unusable(std::string_view what, std::string_view body) const;

 private:
  async::task<result<std::string>> send_once(const net::url& target, time_left& time,
                                             bool fresh_connection) const;
  net::request make_request(const net::url& target) const;
  std::vector<std::string_view> secrets() const;

  std::string_view name_;
  const source_access& access_;
  const std::function<double()>& random_;
};

// The error with the source's name in front.
error in_name_of(std::string_view source, error problem);

}  // namespace canaryd::metrics
