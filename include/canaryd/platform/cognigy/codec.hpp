// What the calls of the Cognigy.AI API say and hear: bodies that may be hostile. Pure.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace canaryd::platform::cognigy {

// An id as the API makes them for projects, snapshots and endpoints: 24 hexadecimal digits. Nothing
// else may go into a path.
bool is_object_id(std::string_view text);

// What a deployment's id is made of: "<canary endpoint id>:<snapshot id>".
struct deployment_key {
  std::string canary_endpoint;
  std::string snapshot;

  bool operator==(const deployment_key&) const = default;
};
std::string to_text(const deployment_key& key);
// Nothing where it is not the id of such a deployment.
std::optional<deployment_key> parse_deployment_key(std::string_view text);

// What is wrong with a body that cannot be used, without the body. Fields that are not asked for
// are ignored.
template <class T>
using parsed = std::expected<T, std::string>;

// An item of a list: a snapshot, or a flow or locale in one. A text that is absent, or cannot be
// shown, is empty.
struct listed_item {
  std::string id;
  std::string reference_id;
  std::string name;
  std::string project_id;

  bool operator==(const listed_item&) const = default;
};

struct list_page {
  std::vector<listed_item> items;
  // How many there are on all pages.
  std::optional<std::int64_t> total;
  // Empty: none.
  std::string next_cursor;
  // A link says that there is a next page.
  bool has_next_link = false;

  bool operator==(const list_page&) const = default;
};

// {"items": […], "total", "nextCursor"}, a bare array, or HAL: {"_embedded": {<any>: […]},
// "_links": {"next"}}.
parsed<list_page> parse_list(std::string_view body);
// Its id has to be there.
parsed<listed_item> parse_snapshot(std::string_view body);

struct endpoint {
  std::string id;
  std::string project_id;
  std::string name;
  std::string channel;
  std::string url_token;
  // Reference ids, not object ids.
  std::string flow_id;
  std::string locale_id;
  // A snapshot's id, or the project's for its draft.
  std::string entrypoint;
  // False where the answer does not say.
  bool active = false;
  bool use_analytics = false;
  // As the API wrote them.
  std::string last_changed;
  std::string last_changed_by;

  bool operator==(const endpoint&) const = default;
};

// Its id and entrypoint have to be there.
parsed<endpoint> parse_endpoint(std::string_view body);

// What an endpoint serves.
struct endpoint_aim {
  std::string entrypoint;
  std::string flow_id;
  std::string locale_id;

  bool operator==(const endpoint_aim&) const = default;
};
endpoint_aim aim_of(const endpoint& from);
// The body of the PATCH.
std::string aim_body(const endpoint_aim& aim);

// What an error's body tells the vendor's support. Empty where it does not have it.
struct problem_document {
  std::string code;
  std::string trace_id;
};
problem_document parse_problem(std::string_view body);

}  // namespace canaryd::platform::cognigy
