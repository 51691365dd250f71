// Keeps the members that another version of the program has stored in canaries that have not ended,
// and that this one does not know (canary::unknown_members). They go back into each row that is
// written.
#pragma once

#include <boost/json/object.hpp>

#include <map>
#include <string>

namespace canaryd::store {

struct kept_members {
  // By job. Jobs without such members are left out.
  std::map<std::string, boost::json::object> of_job;
};

}  // namespace canaryd::store
