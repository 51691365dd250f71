// Server-sent events (WHATWG HTML, "Server-sent events") as the daemon sends them. No I/O.
#pragma once

#include <boost/json/value.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace canaryd::cli {

struct server_event {
  // "state", "reading" or "log".
  std::string name;
  boost::json::value data;
};

class event_stream {
 public:
  // The events that are whole with these bytes. Comments, other fields and events whose data are
  // not JSON are passed over; a line over 1 MiB is dropped.
  std::vector<server_event> feed(std::string_view bytes);

 private:
  void take_line(std::string_view line, std::vector<server_event>& events);

  std::string unfinished_;
  std::string name_;
  std::string data_;
};

}  // namespace canaryd::cli
