#include "canaryd/sim/deploy_request.hpp"

#include <boost/json/value.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace canaryd::sim {
namespace {

std::optional<double> number_member(const boost::json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  if (value == nullptr || !value->is_number())
    return std::nullopt;
  return value->to_number<double>();
}

bool in_range(std::optional<double> value, double least, double most) {
  return value && *value >= least && *value <= most;
}

bool thresholds_are_sound(const boost::json::object& body) {
  const auto* value = body.if_contains("rollback_thresholds");
  if (value == nullptr || !value->is_object())
    return false;
  const auto& limits = value->get_object();
  return in_range(number_member(limits, "error_rate"), 0.0, 1.0) &&
         in_range(number_member(limits, "satisfaction_score"), 0.0, 5.0) &&
         number_member(limits, "max_latency_ms").value_or(0.0) > 0.0;
}

}  // namespace

bool is_identifier(std::string_view text) {
  const auto allowed = [](char letter) {
    return (letter >= 'A' && letter <= 'Z') || (letter >= 'a' && letter <= 'z') ||
           (letter >= '0' && letter <= '9') ||
           std::string_view{"._:+-"}.find(letter) != std::string_view::npos;
  };
  return !text.empty() && text.size() <= 128 && std::ranges::all_of(text, allowed);
}

const boost::json::string* text_member(const boost::json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value == nullptr ? nullptr : value->if_string();
}

std::expected<double, std::string> read_traffic_matrix(const boost::json::object& body) {
  const auto* value = body.if_contains("traffic_matrix");
  if (value == nullptr || !value->is_object())
    return std::unexpected{"traffic_matrix has to be an object"};
  const auto stable = number_member(value->get_object(), "stable");
  const auto canary = number_member(value->get_object(), "canary");
  if (!in_range(stable, 0.0, 100.0) || !in_range(canary, 0.0, 100.0))
    return std::unexpected{"traffic_matrix needs stable and canary, each 0..100"};
  if (std::abs(*stable + *canary - 100.0) > 0.1)
    return std::unexpected{fmt::format("traffic_matrix sums to {}, not 100", *stable + *canary)};
  return *canary;
}

std::expected<deployment_record, std::string> read_deploy(const boost::json::object& body,
                                                          std::string_view bot_id) {
  const auto* named_bot = text_member(body, "bot_id");
  const auto* environment = text_member(body, "environment_id");
  const auto* version = text_member(body, "version");
  if (named_bot == nullptr || std::string_view{*named_bot} != bot_id || !is_identifier(bot_id))
    return std::unexpected{"bot_id has to be the bot of the path"};
  if (environment == nullptr || !is_identifier(*environment))
    return std::unexpected{"environment_id is missing or not an identifier"};
  if (version == nullptr || !is_identifier(*version))
    return std::unexpected{"version is missing or not an identifier"};
  const auto share = read_traffic_matrix(body);
  if (!share)
    return std::unexpected{share.error()};
  const auto most = number_member(body, "max_traffic_percentage");
  if (!in_range(most, 1.0, 100.0))
    return std::unexpected{"max_traffic_percentage has to be 1..100"};
  if (!thresholds_are_sound(body))
    return std::unexpected{"rollback_thresholds is incomplete or out of range"};
  const auto* aggregation = body.if_contains("enable_metric_aggregation");
  if (aggregation == nullptr || !aggregation->is_bool())
    return std::unexpected{"enable_metric_aggregation has to be true or false"};
  deployment_record asked;
  asked.bot_id = bot_id;
  asked.environment_id = *environment;
  asked.version = *version;
  asked.canary_percent = *share;
  asked.max_traffic_percentage = *most;
  return asked;
}

}  // namespace canaryd::sim
