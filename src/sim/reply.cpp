#include "canaryd/sim/reply.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

namespace canaryd::sim {

std::string quoted(std::string_view text) {
  return boost::json::serialize(boost::json::string_view{text});
}

net::response json_answer(int status, std::string body) {
  return {.status = status,
          .headers = {{.name = "Content-Type", .value = "application/json"}},
          .body = std::move(body)};
}

net::response error_answer(int status, std::string_view code, std::string_view message) {
  return json_answer(status,
                     fmt::format(R"({{"error":"{}","message":{}}})", code, quoted(message)));
}

}  // namespace canaryd::sim
