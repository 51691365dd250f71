// How the calls of this platform are made: the method and path of each (reference: "API calls").
// Every path but the token's is configuration (`api.calls`).
#pragma once

#include "canaryd/platform/calls.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace canaryd::platform::deployments {

// How a call is made. The path follows the base URL, may hold a query, and has these filled in:
// {bot_id}, {environment_id}, {version}, and where the call is about one deployment
// {deployment_id}.
struct call_template {
  // GET, POST, PUT, PATCH or DELETE.
  std::string method;
  // Empty: the call is not made (`versions`, unless it is configured).
  std::string path;

  bool operator==(const call_template&) const = default;
};

// What is wrong with a template for that call, as a sentence for the one who configured it; nothing
// where it is fine.
std::optional<std::string> find_problem(call which, const call_template& shape);

// Every call's template; starts as the built-in table (reference: "API calls"). Only valid
// templates may be put in (find_problem).
class call_table {
 public:
  call_table();

  const call_template& operator[](call which) const {
    return templates_[static_cast<std::size_t>(which)];
  }
  call_template& operator[](call which) { return templates_[static_cast<std::size_t>(which)]; }

  bool operator==(const call_table&) const = default;

 private:
  std::array<call_template, call_count> templates_;
};

// What fills a template's placeholders.
struct call_subject {
  std::string_view bot_id;
  std::string_view environment_id;
  std::string_view version;
  std::string_view deployment_id;
};

// The path with every placeholder replaced by its percent-encoded value.
std::string fill(std::string_view path, const call_subject& subject);

// The placeholder whose value would make an empty segment of the path, or one that is "." or "..":
// those mean another place, and no encoding helps. Nothing where every segment stays one.
std::optional<std::string_view> find_lost_segment(std::string_view path,
                                                  const call_subject& subject);

}  // namespace canaryd::platform::deployments
