// A Cognigy.AI project in memory, as a scripted transport answers for it.
#pragma once

#include "canaryd/platform/cognigy/codec.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "platform/scripted_transport.hpp"
#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace canaryd::platform::cognigy {

inline const std::string project_id = "aaaaaaaaaaaaaaaaaaaaaaaa";
inline const std::string stable_id = "111111111111111111111111";
inline const std::string canary_id = "222222222222222222222222";
inline const std::string old_snapshot = "0123456789abcdef01234501";
inline const std::string new_snapshot = "0123456789abcdef01234502";

class fake_cognigy {
 public:
  struct snapshot {
    std::string id;
    std::string name;
  };

  fake_cognigy() {
    endpoints[stable_id] = make_endpoint(stable_id, "orders", "token-stable", old_snapshot);
    endpoints[canary_id] = make_endpoint(canary_id, "orders canary", "token-canary", old_snapshot);
  }

  static endpoint make_endpoint(std::string id, std::string name, std::string token,
                                std::string entrypoint) {
    return {.id = std::move(id),
            .project_id = project_id,
            .name = std::move(name),
            .channel = "rest",
            .url_token = std::move(token),
            .flow_id = "f1",
            .locale_id = "l1",
            .entrypoint = std::move(entrypoint),
            .active = true,
            .use_analytics = true};
  }

  std::map<std::string, endpoint> endpoints;
  std::vector<snapshot> snapshots{{old_snapshot, "1.0"}, {new_snapshot, "2.0"}};
  std::vector<std::string> flows{"f1", "f2"};
  std::vector<std::string> locales{"l1"};
  // A PATCH is answered with a 200, and changes nothing.
  bool ignores_patches = false;
  // Where it is set and answers with a status, that is the answer instead.
  std::function<int(const net::request&)> trouble;

  scripted_answer reply(const net::request& message) {
    if (trouble) {
      if (const int status = trouble(message); status != 0)
        return answer(status, R"({"code":1004,"traceId":"api-7"})");
    }
    const auto path = message.target.target.substr(std::string{"/new/v2.0"}.size());
    if (path == "/projects/" + project_id)
      return answer(200, fmt::format(R"({{"_id":"{}"}})", project_id));
    if (path.starts_with("/snapshots?"))
      return answer(200, list_of_snapshots());
    if (path.starts_with("/snapshots/") && path.contains("/resources?"))
      return answer(200, list_of_references(path.ends_with("=flow") ? flows : locales));
    if (path.starts_with("/snapshots/"))
      return reply_snapshot(path.substr(std::string{"/snapshots/"}.size()));
    return reply_endpoint(path.substr(std::string{"/endpoints/"}.size()), message);
  }

 private:
  std::string list_of_snapshots() const {
    std::string items;
    for (const auto& each : snapshots)
      items += fmt::format(R"({}{{"_id":"{}","name":"{}"}})", items.empty() ? "" : ",", each.id,
                           each.name);
    return fmt::format(R"({{"items":[{}],"total":{},"nextCursor":null}})", items, snapshots.size());
  }

  static std::string list_of_references(const std::vector<std::string>& ids) {
    std::string items;
    for (const auto& id : ids)
      items += fmt::format(R"({}{{"referenceId":"{}","name":"x"}})", items.empty() ? "" : ",", id);
    return fmt::format(R"({{"items":[{}]}})", items);
  }

  scripted_answer reply_snapshot(const std::string& id) const {
    const auto found = std::ranges::find(snapshots, id, &snapshot::id);
    if (found == snapshots.end())
      return answer(404, R"({"code":1004,"traceId":"api-8"})");
    return answer(200, fmt::format(R"({{"_id":"{}","name":"{}"}})", found->id, found->name));
  }

  scripted_answer reply_endpoint(const std::string& id, const net::request& message) {
    const auto found = endpoints.find(id);
    if (found == endpoints.end())
      return answer(404, R"({"code":1004,"traceId":"api-9"})");
    auto& each = found->second;
    if (message.method == "PATCH") {
      if (!ignores_patches)
        change(each, boost::json::parse(message.body).as_object());
      return answer(204, "");
    }
    return answer(
        200,
        fmt::format(R"({{"_id":"{}","projectId":"{}","name":"{}","channel":"{}","URLToken":"{}",)"
                    R"("flowId":"{}","localeId":"{}","entrypoint":"{}","active":{},)"
                    R"("useAnalytics":{},"lastChanged":1700000000}})",
                    each.id, each.project_id, each.name, each.channel, each.url_token, each.flow_id,
                    each.locale_id, each.entrypoint, each.active, each.use_analytics));
  }

  static void change(endpoint& each, const boost::json::object& body) {
    each.entrypoint = body.at("entrypoint").as_string().c_str();
    each.flow_id = body.at("flowId").as_string().c_str();
    each.locale_id = body.at("localeId").as_string().c_str();
  }
};

}  // namespace canaryd::platform::cognigy
