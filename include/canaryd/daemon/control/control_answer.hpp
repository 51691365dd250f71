// Answers of the control socket as values.
#pragma once

#include "canaryd/daemon/control/event_hub.hpp"
#include "canaryd/net/message.hpp"

#include <boost/json/value.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace canaryd::daemon {

struct control_answer {
  net::response answer;
  // If it is set, the body continues with what it returns, until that is empty.
  std::function<std::string()> more = {};
  // If it is set, its events follow the header instead of a body, until either side ends.
  std::shared_ptr<subscription> events = {};
};

// Makes an answer of type application/json.
control_answer json_answer(int status, const boost::json::value& body);

// Makes `{"error":…,"detail":…}`: a word for programs and a sentence for people.
control_answer error_answer(int status, std::string_view error, std::string_view detail);

}  // namespace canaryd::daemon
