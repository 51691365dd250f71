// Holds the method and the path of each call (reference: "API calls"). All of them but the token's
// can be configured (`api.calls`).
#pragma once

#include "canaryd/platform/calls.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace canaryd::platform::deployments {

// Says how a call is made. The path follows the base URL and may have a query. In it {bot_id},
// {environment_id} and {version} are filled in, and {deployment_id} if the call is about one
// deployment.
struct call_template {
  // GET, POST, PUT, PATCH or DELETE.
  std::string method;
  // If it is empty, the call is not made (`versions`, unless it is configured).
  std::string path;

  bool operator==(const call_template&) const = default;
};

// Says what is wrong with a template for that call, as a sentence for whoever configured it.
// Returns nothing if the template is fine.
std::optional<std::string> find_problem(call which, const call_template& shape);

// The template of every call. It begins as the built-in table (reference: "API calls"). Only
// templates without a problem (find_problem) may be put in.
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

// The values for a template's placeholders.
struct call_subject {
  std::string_view bot_id;
  std::string_view environment_id;
  std::string_view version;
  std::string_view deployment_id;
};

// Replaces every placeholder in the path by its percent-encoded value.
std::string fill(std::string_view path, const call_subject& subject);

// Finds a placeholder whose value would make a segment of the path empty, "." or "..". Such a path
// means another place, and no encoding helps. Returns nothing if every segment is fine.
std::optional<std::string_view> find_lost_segment(std::string_view path,
                                                  const call_subject& subject);

}  // namespace canaryd::platform::deployments
