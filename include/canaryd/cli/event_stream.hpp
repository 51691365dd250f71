// Reads server-sent events (WHATWG HTML, "Server-sent events") as the daemon sends them. Does no
// I/O.
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
  // Returns the events that are complete with these bytes. Passes over comments, other fields, and
  // events whose data are not JSON. Drops a line that is longer than 1 MiB.
  std::vector<server_event> feed(std::string_view bytes);

 private:
  void take_line(std::string_view line, std::vector<server_event>& events);

  std::string unfinished_;
  std::string name_;
  std::string data_;
};

}  // namespace canaryd::cli
