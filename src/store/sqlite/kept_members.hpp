// What another version of the program has stored of canaries that have not ended, and this one does
// not know (canary::unknown_members): it goes back into each row that is written.
#pragma once

#include <boost/json/object.hpp>

#include <map>
#include <string>

namespace canaryd::store {

struct kept_members {
  // By job, and only those of which there is any.
  std::map<std::string, boost::json::object> of_job;
};

}  // namespace canaryd::store
