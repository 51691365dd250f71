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

// The member of that name if it is a text; nullptr otherwise.
const boost::json::string* text_member(const boost::json::object& object, std::string_view name);

// Reads the canary's share from `traffic_matrix`, two percentages that sum to 100 +-0.1. Fails with
// a text that says what is wrong.
std::expected<double, std::string> read_traffic_matrix(const boost::json::object& body);

// Reads the deployment that the body of a deploy asks for. `bot_id` comes from the path. Fails with
// a text that says what is wrong.
std::expected<deployment_record, std::string> read_deploy(const boost::json::object& body,
                                                          std::string_view bot_id);

}  // namespace canaryd::sim
