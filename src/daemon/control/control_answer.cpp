#include "canaryd/daemon/control/control_answer.hpp"

#include "canaryd/text/json_write.hpp"

#include <boost/json/object.hpp>

namespace canaryd::daemon {

control_answer json_answer(int status, const boost::json::value& body) {
  return {{.status = status,
           .headers = {{"Content-Type", "application/json"}},
           .body = text::write_json(body, text::json_layout::compact) + "\n"}};
}

control_answer error_answer(int status, std::string_view error, std::string_view detail) {
  return json_answer(status, boost::json::object{{"error", error}, {"detail", detail}});
}

}  // namespace canaryd::daemon
