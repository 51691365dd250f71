// Changes a JSON value by pointer. Boost 1.81 has no function for that.
#pragma once

#include <boost/json/value.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace canaryd::support {

// Adds or replaces a member, and the object around it if that is missing.
inline void set_at(boost::json::value& root, std::string_view pointer, boost::json::value value) {
  const auto last = pointer.rfind('/');
  boost::json::error_code missing;
  auto* around = root.find_pointer(pointer.substr(0, last), missing);
  if (around == nullptr) {
    set_at(root, pointer.substr(0, last), boost::json::object{});
    around = root.find_pointer(pointer.substr(0, last), missing);
  }
  around->as_object()[pointer.substr(last + 1)] = std::move(value);
}

}  // namespace canaryd::support
