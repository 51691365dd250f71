// Visits the fields of a struct that BOOST_DESCRIBE_STRUCT describes. Used to read and write JSON,
// to shift times and to make texts.
#pragma once

#include <boost/describe/members.hpp>
#include <boost/mp11/algorithm.hpp>

#include <type_traits>

namespace canaryd::text {

// A struct whose fields are described, with their names and in this order.
template <class T>
concept described = boost::describe::has_describe_members<std::remove_const_t<T>>::value;

// Calls visit(name, field) for each field of `value`; those that it inherits come first.
template <described T>
void each_field(T& value, auto&& visit) {
  using fields =
      boost::describe::describe_members<std::remove_const_t<T>, boost::describe::mod_public |
                                                                    boost::describe::mod_inherited>;
  boost::mp11::mp_for_each<fields>([&](auto field) { visit(field.name, value.*field.pointer); });
}

}  // namespace canaryd::text
