// Reads the bodies of the calls that start and change deployments.
#pragma once

#include "canaryd/sim/deployment_book.hpp"

#include <boost/json/object.hpp>

#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace canaryd::sim {

// True for 1..128 characters of [A-Za-z0-9._:+-].
bool is_identifier(std::string_view text);

// A member that is a text, nullptr for everything else.
const boost::json::string* text_member(const boost::json::object& object, std::string_view name);

// The canary's share of `traffic_matrix`: two percentages that sum to 100 +-0.1; else what is
// wrong.
std::expected<double, std::string> read_traffic_matrix(const boost::json::object& body);

// The deployment that the body of a deploy asks for; else what is wrong with it. `bot_id` is the
// one of the path.
std::expected<deployment_record, std::string> read_deploy(const boost::json::object& body,
                                                          std::string_view bot_id);

}  // namespace canaryd::sim
