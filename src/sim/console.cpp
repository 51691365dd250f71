#include "canaryd/sim/console.hpp"

#include "canaryd/sim/deploy_request.hpp"
#include "canaryd/sim/scenario.hpp"
#include "canaryd/text/json_fields.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <utility>

namespace canaryd::sim {
namespace {

constexpr std::string_view prefix = "/sim/";

net::response done() {
  return json_answer(200, "{}");
}

net::response refusal(const text::problem_list& problems) {
  std::string text;
  for (const auto& problem : problems)
    text += fmt::format("{}{}: {}", text.empty() ? "" : "; ", problem.pointer, problem.message);
  return error_answer(400, "bad_request", text);
}

std::optional<boost::json::value> parse(const std::string& body) {
  boost::system::error_code ec;
  auto value = boost::json::parse(body, ec);
  if (ec)
    return std::nullopt;
  return value;
}

net::response add_faults(world& played, const boost::json::value& value) {
  const boost::json::array single{value};
  std::vector<fault> added;
  for (const auto& element : value.is_array() ? value.get_array() : single) {
    auto read = read_fault(element);
    if (!read)
      return refusal(read.error());
    added.push_back(std::move(*read));
  }
  for (auto& fault : added)
    played.add_fault(std::move(fault));
  return done();
}

net::response deploy(world& played, const boost::json::value& value, moment when) {
  if (!value.is_object())
    return error_answer(400, "bad_request", "the body has to be an object");
  const auto identifier = text::text_of("an identifier", 1, 128, is_identifier);
  std::string bot_id;
  std::string environment_id;
  std::string version;
  double canary = 0.0;
  text::problem_list problems;
  text::json_fields in{value.get_object(), "", problems};
  in.require("bot_id", bot_id, identifier);
  in.require("environment_id", environment_id, identifier);
  in.require("version", version, identifier);
  in.require("canary", canary, text::number_in({.min = 0.0, .max = 100.0}));
  in.refuse_unknown_keys();
  if (!problems.empty())
    return refusal(problems);
  const auto id = played.external_deploy(bot_id, environment_id, version, canary, when);
  return json_answer(201, fmt::format(R"({{"deploymentId":"{}"}})", id));
}

// `rest` is what follows /sim/deployments/.
net::response conclude(world& played, std::string_view rest, moment when) {
  const auto slash = rest.find('/');
  const auto id = rest.substr(0, slash);
  const auto action = slash == std::string_view::npos ? "" : rest.substr(slash + 1);
  result<void> concluded;
  if (action == "promote")
    concluded = played.external_promote(id, when);
  else if (action == "rollback")
    concluded = played.external_rollback(id, when);
  else
    return error_answer(404, "not_found", "promote or rollback");
  return concluded ? done()
                   : error_answer(concluded.error().status, "refused", concluded.error().text);
}

}  // namespace

std::optional<net::response> answer_console(world& played, const net::request& message,
                                            moment when) {
  std::string_view path = message.target.target;
  if (!path.starts_with(prefix))
    return std::nullopt;
  path.remove_prefix(prefix.size());
  constexpr std::string_view deployments = "deployments/";
  const bool is_post = message.method == "POST";
  if (message.method == "GET" && path == "state")
    return json_answer(200, boost::json::serialize(describe_state(played)));
  if (message.method == "DELETE" && path == "faults") {
    played.clear_faults();
    return done();
  }
  if (is_post && path == "tokens/revoke") {
    played.revoke_tokens();
    return done();
  }
  if (is_post && path.starts_with(deployments))
    return conclude(played, path.substr(deployments.size()), when);
  if (!is_post || (path != "faults" && path != "deployments"))
    return error_answer(404, "not_found", "the simulator has no such path");
  const auto body = parse(message.body);
  if (!body)
    return error_answer(400, "bad_request", "the body has to be JSON");
  return path == "faults" ? add_faults(played, *body) : deploy(played, *body, when);
}

}  // namespace canaryd::sim
