#include "canaryd/platform/cognigy/client.hpp"

#include "canaryd/net/url.hpp"
#include "canaryd/platform/answer.hpp"
#include "canaryd/platform/request_headers.hpp"

#include <fmt/format.h>

#include "list_walk.hpp"
#include <algorithm>
#include <iterator>
#include <utility>

namespace canaryd::platform::cognigy {
namespace {

bool is_read(std::string_view method) {
  return method == "GET";
}

// The path for errors, which show no query.
std::string_view without_query(std::string_view path) {
  return path.substr(0, path.find('?'));
}

result<std::string> path_to(call which, std::string_view collection, std::string_view id) {
  if (is_object_id(id))
    return fmt::format("/{}/{}", collection, id);
  return failure(fault::refused,
                 fmt::format("{}: not sent, because an id for /{} is not 24 hexadecimal digits",
                             to_string(which), collection));
}

// A refusal of a later page says nothing about the call as such.
error of_page(std::size_t number, error problem) {
  if (number == 1)
    return problem;
  if (problem.kind == fault::refused || problem.kind == fault::unauthorized)
    problem.kind = fault::malformed;
  problem.text += fmt::format(" (page {} of the list)", number);
  return problem;
}

// The name that people gave a snapshot, or its id.
bool has_name(const listed_item& snapshot, std::string_view version) {
  return snapshot.id == version || snapshot.name == version;
}

result<std::optional<listed_item>> pick_snapshot(const std::vector<listed_item>& snapshots,
                                                 std::string_view project_id,
                                                 std::string_view version, call which) {
  std::vector<listed_item> found;
  for (const auto& each : snapshots) {
    const bool is_of_another = !each.project_id.empty() && each.project_id != project_id;
    const bool is_known =
        !each.id.empty() && std::ranges::find(found, each.id, &listed_item::id) != found.end();
    if (has_name(each, version) && !is_of_another && !is_known)
      found.push_back(each);
  }
  if (found.empty())
    return std::nullopt;
  if (found.size() == 1 && !found.front().id.empty())
    return found.front();
  if (found.size() == 1)
    return failure(fault::malformed, fmt::format("{}: malformed answer: the snapshot {} has no _id",
                                                 to_string(which), version));
  return failure(
      fault::refused,
      fmt::format("{}: {} snapshots of the project are called {}: rename all but one, or "
                  "say its id instead, for example {}",
                  to_string(which), found.size(), version, found.front().id));
}

}  // namespace

client::client(client_options options, net::transport& transport, rate_budget& budget)
    : options_{std::move(options)}, transport_{transport}, budget_{budget} {}

void client::reconfigure(client_options options) {
  options_ = std::move(options);
}

result<net::request> client::make_request(const outgoing& what) const {
  auto address = net::parse_url(options_.base_url + what.path);
  if (!address)
    return std::unexpected{std::move(address).error()};
  net::request message;
  message.method = what.method;
  message.target = *std::move(address);
  // A body or its type would be refused with a GET.
  add_common_headers(message);
  add_header(message, "X-API-Key", std::string{options_.api_key.reveal()});
  if (!is_read(what.method))
    add_header(message, "Content-Type", "application/json");
  message.body = what.body;
  message.fresh_connection = unsettled_.contains(what.path);
  if (is_read(what.method))
    message.may_repeat = [this, rank = what.why.rank] { return budget_.take_at_once(rank); };
  return message;
}

async::task<result<std::string>> client::send(outgoing what) {
  auto message = make_request(what);
  if (!message)
    co_return std::unexpected{std::move(message).error()};
  rate_budget::ticket turn{what.why.rank};
  const auto permit = co_await budget_.admit(turn, what.why.deadline);
  auto begun = async::clock::now();
  if (!permit || begun >= what.why.deadline)
    co_return std::unexpected{out_of_time(what.why.which)};
  message->timeout = options_.request_timeout;
  if (what.why.deadline != instant::max())
    message->timeout = std::min(message->timeout, what.why.deadline - begun);
  message->on_sent = [&begun] { begun = async::clock::now(); };
  auto reply = co_await transport_.send(*std::move(message));
  if (observer_)
    observer_(what.why.which, reply ? reply->status : 0, async::clock::now() - begun);
  auto body = read(what, std::move(reply));
  if (body)
    budget_.report_success();
  else if (body.error().status == 429)
    budget_.report_throttled(permit->admitted_at(), body.error().retry_after);
  co_return body;
}

result<std::string> client::read(const outgoing& what, result<net::response> reply) {
  const std::string_view key = options_.api_key.reveal();
  const answer_context context{.scopes = {}, .secrets = {key}, .now = async::clock::wall_now()};
  const bool is_done = reply && reply->status >= 200 && reply->status <= 299;
  // It may echo the key.
  auto told = reply && !is_done ? reply->body : std::string{};
  const text::wiped_at_end wiped{told};
  // Whatever is in the answer to a write, only what is read back counts.
  if (is_done && !is_read(what.method))
    reply->body.clear();
  auto body = read_answer(what.why.which, std::move(reply), context);
  if (!is_read(what.method))
    note_write(what, body || body.error().kind == fault::refused ||
                         body.error().kind == fault::unauthorized);
  if (body)
    return body;
  return std::unexpected{with_origin(std::move(body).error(), what, told)};
}

void client::note_write(const outgoing& what, bool is_settled) {
  if (is_settled)
    unsettled_.erase(what.path);
  else
    unsettled_.insert(what.path);
}

error client::with_origin(error problem, const outgoing& what, std::string_view body) const {
  const std::string_view key = options_.api_key.reveal();
  const auto document = parse_problem(body);
  auto origin = fmt::format("{} {}", what.method, without_query(what.path));
  if (!document.code.empty())
    origin += fmt::format(", code {}", document.code);
  if (!document.trace_id.empty())
    origin += fmt::format(", traceId {}", document.trace_id);
  if (problem.status == 401 || problem.status == 403)
    origin += "; check the key and its rights";
  problem.text += fmt::format(" ({})", redact(std::move(origin), {&key, 1}));
  return problem;
}

error client::malformed(const outgoing& what, std::string_view problem,
                        std::string_view body) const {
  const std::string_view key = options_.api_key.reveal();
  return with_origin(
      unusable_body(what.why.which, problem, body,
                    {.scopes = {}, .secrets = {key}, .now = async::clock::wall_now()}),
      what, {});
}

async::task<result<void>> client::read_project(errand why, std::string project_id) {
  const auto path = path_to(why.which, "projects", project_id);
  if (!path)
    co_return std::unexpected{path.error()};
  const auto answer = co_await send({.why = why, .method = "GET", .path = *path});
  if (answer)
    co_return result<void>{};
  auto problem = answer.error();
  if (problem.status == 500)
    problem.text += "; check the key or the URL";
  if (problem.status == 400 || problem.status == 404)
    problem.text += "; check the project_id";
  co_return std::unexpected{std::move(problem)};
}

async::task<result<std::vector<listed_item>>> client::read_list(errand why, std::string path,
                                                                std::size_t page_size) {
  list_walk walk{std::move(path), page_size};
  std::vector<listed_item> whole;
  for (;;) {
    const outgoing what{.why = why, .method = "GET", .path = walk.present()};
    const auto answer = co_await send(what);
    if (!answer)
      co_return std::unexpected{of_page(walk.number(), answer.error())};
    auto page = parse_list(*answer);
    if (!page)
      co_return std::unexpected{malformed(what, page.error(), *answer)};
    const auto goes_on = walk.advance(*page);
    if (!goes_on)
      co_return std::unexpected{malformed(what, goes_on.error(), *answer)};
    std::ranges::move(page->items, std::back_inserter(whole));
    if (!*goes_on)
      co_return whole;
  }
}

async::task<result<std::optional<listed_item>>> client::find_snapshot(errand why,
                                                                      std::string project_id,
                                                                      std::string version) {
  constexpr std::size_t page_size = 100;
  if (const auto path = path_to(why.which, "projects", project_id); !path)
    co_return std::unexpected{path.error()};
  const auto all = co_await read_list(
      why, fmt::format("/snapshots?projectId={}&limit={}", project_id, page_size), page_size);
  if (!all)
    co_return std::unexpected{all.error()};
  co_return pick_snapshot(*all, project_id, version, why.which);
}

async::task<result<listed_item>> client::read_snapshot(errand why, std::string snapshot_id) {
  const auto path = path_to(why.which, "snapshots", snapshot_id);
  if (!path)
    co_return std::unexpected{path.error()};
  const outgoing what{.why = why, .method = "GET", .path = *path};
  const auto answer = co_await send(what);
  if (!answer)
    co_return std::unexpected{answer.error()};
  auto found = parse_snapshot(*answer);
  if (!found)
    co_return std::unexpected{malformed(what, found.error(), *answer)};
  if (found->id != snapshot_id)
    co_return std::unexpected{malformed(what, "it is about another snapshot", *answer)};
  co_return *std::move(found);
}

async::task<result<std::vector<listed_item>>> client::read_resources(errand why,
                                                                     std::string snapshot_id,
                                                                     std::string type) {
  const auto path = path_to(why.which, "snapshots", snapshot_id);
  if (!path)
    co_return std::unexpected{path.error()};
  co_return co_await read_list(why, fmt::format("{}/resources?resourceType={}", *path, type), 0);
}

async::task<result<endpoint>> client::read_endpoint(errand why, std::string endpoint_id) {
  const auto path = path_to(why.which, "endpoints", endpoint_id);
  if (!path)
    co_return std::unexpected{path.error()};
  const outgoing what{.why = why, .method = "GET", .path = *path};
  const auto answer = co_await send(what);
  if (!answer)
    co_return std::unexpected{answer.error()};
  auto found = parse_endpoint(*answer);
  if (!found)
    co_return std::unexpected{malformed(what, found.error(), *answer)};
  if (found->id != endpoint_id)
    co_return std::unexpected{malformed(what, "it is about another endpoint", *answer)};
  co_return *std::move(found);
}

async::task<result<endpoint>> client::point_endpoint(errand why, std::string endpoint_id,
                                                     endpoint_aim aim) {
  const auto path = path_to(why.which, "endpoints", endpoint_id);
  if (!path)
    co_return std::unexpected{path.error()};
  const outgoing what{.why = why, .method = "PATCH", .path = *path, .body = aim_body(aim)};
  const auto answer = co_await send(what);
  if (!answer)
    co_return std::unexpected{answer.error()};
  auto now = co_await read_endpoint(why, endpoint_id);
  if (!now || aim_of(*now) == aim)
    co_return now;
  co_return failure(
      fault::malformed,
      fmt::format("{}: the API said yes, and endpoint {} has entrypoint {}, flow {} and locale {} "
                  "instead of {}, {} and {}",
                  to_string(why.which), endpoint_id, now->entrypoint, now->flow_id, now->locale_id,
                  aim.entrypoint, aim.flow_id, aim.locale_id));
}

}  // namespace canaryd::platform::cognigy
