// All kinds of answers to a canary's calls, for tests that try them all.
#pragma once

#include "canary_harness.hpp"

namespace canaryd::canary {

inline std::vector<error> every_problem() {
  return {problem(fault::refused, 403),
          problem(fault::refused, 404),
          problem(fault::refused, 409),
          problem(fault::refused, 410),
          problem(fault::unauthorized, 401),
          problem(fault::no_token),
          problem(fault::unreachable),
          problem(fault::lost),
          problem(fault::try_again, 503),
          problem(fault::try_again, 504),
          problem(fault::malformed, 200),
          problem(fault::try_again, 429, 1h),
          problem(fault::system)};
}

inline std::vector<std::string> every_status() {
  return {"active", "promoted", "rolled_back", "unheard-of", ""};
}

namespace detail {

// `Event` with each of the values, and with each problem.
template <class Event, class Value>
std::vector<event> every(std::vector<result<Value>> values) {
  std::vector<event> all;
  all.reserve(values.size());
  for (auto& value : values)
    all.emplace_back(Event{std::move(value)});
  for (auto& each : every_problem())
    all.emplace_back(Event{std::unexpected{std::move(each)}});
  return all;
}

template <class Event>
std::vector<event> every_deed() {
  std::vector<event> all{Event{}};
  for (auto& each : every_problem())
    all.emplace_back(Event{std::unexpected{std::move(each)}});
  return all;
}

inline std::vector<result<deployment>> every_deployment(const std::string& id) {
  std::vector<result<deployment>> all;
  for (auto& status : every_status())
    all.emplace_back(deployed_as(id, std::move(status)));
  return all;
}

inline std::vector<event> every_list() {
  std::vector<result<std::vector<found_deployment>>> lists;
  lists.emplace_back();
  for (const auto& status : every_status())
    lists.emplace_back(std::vector<found_deployment>{{deployed_as("dep-1", status), false}});
  lists.emplace_back(std::vector<found_deployment>{{deployed_as("dep-1"), true}});
  lists.emplace_back(
      std::vector<found_deployment>{{deployed_as("dep-1"), false}, {deployed_as("dep-2"), false}});
  auto all = every<looked_up>(std::move(lists));
  looked_up odd{std::vector<found_deployment>{}};
  odd.unreadable = {deployed_as("")};
  all.emplace_back(std::move(odd));
  return all;
}

}  // namespace detail

inline std::vector<event> answers_to(operation what) {
  using namespace detail;
  switch (what) {
    case operation::check_version:
      return every<version_checked, bool>({true, false});
    case operation::look_up:
      return every_list();
    case operation::register_webhook:
      return {webhook_settled{}};
    case operation::deploy:
      return every<deploy_answered, std::string>({std::string{"dep-1"}, std::string{}});
    case operation::read_status:
      return every<status_read>(every_deployment("dep-1"));
    case operation::promote:
      return every_deed<promote_answered>();
    case operation::rollback:
      return every_deed<rollback_answered>();
    case operation::change_traffic:
      return every_deed<traffic_changed>();
    case operation::remove_traffic:
      return every_deed<traffic_removed>();
    case operation::rollback_surplus:
      return every_deed<surplus_answered>();
    case operation::read_surplus:
      return every<surplus_read>(every_deployment("dep-2"));
  }
  return {};
}

inline constexpr operation every_operation[] = {
    operation::check_version,    operation::look_up,     operation::register_webhook,
    operation::deploy,           operation::read_status, operation::promote,
    operation::change_traffic,   operation::rollback,    operation::remove_traffic,
    operation::rollback_surplus, operation::read_surplus};

inline constexpr command_kind every_command[] = {command_kind::abort, command_kind::pause,
                                                 command_kind::resume, command_kind::approve,
                                                 command_kind::promote};

inline std::vector<event> every_event() {
  std::vector<event> all{accepted{}, resumed{}, awoken{}};
  for (const auto outcome : {judge::verdict::pass, judge::verdict::breach, judge::verdict::no_data,
                             judge::verdict::provider_error})
    all.emplace_back(poll_answered{sample_for(outcome), 15min});
  all.emplace_back(poll_answered{refusal(), 15min});
  for (const auto what : every_command)
    all.emplace_back(commanded{{.what = what, .actor = "operator(1000)", .force = true}});
  for (const auto what : every_operation) {
    for (auto& each : answers_to(what))
      all.push_back(std::move(each));
  }
  return all;
}

}  // namespace canaryd::canary
