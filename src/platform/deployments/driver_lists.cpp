// Makes the calls whose answer is a list of one page or several (reference: "API lists").
#include "canaryd/platform/deployments/deployments_driver.hpp"

#include <fmt/format.h>

#include "page_link.hpp"
#include <algorithm>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

namespace canaryd::platform::deployments {
namespace {

// If a later page is refused, the call itself is not, because the page's cursor may have expired.
error missing_page(std::size_t number, error problem) {
  if (problem.kind == fault::refused || problem.kind == fault::unauthorized)
    problem.kind = fault::malformed;
  problem.text += fmt::format(" (page {} of the list)", number);
  return problem;
}

template <class T>
void append(page<T>& whole, page<T> found) {
  std::ranges::move(found.items, std::back_inserter(whole.items));
  std::ranges::move(found.unreadable, std::back_inserter(whole.unreadable));
  if (whole.problem.empty())
    whole.problem = std::move(found.problem);
}

}  // namespace

template <class T>
async::task<result<page<T>>> deployments_driver::list(outgoing what, target where,
                                                      parsed<page<T>> (*parse)(std::string_view)) {
  if (!what.message)
    co_return std::unexpected{what.message.error()};
  page_walk walk{what.message->target};
  page<T> whole;
  for (;;) {
    const auto answer = co_await perform(what);
    auto found = decode(what, answer, parse);
    if (!found && walk.number() > 1)
      co_return std::unexpected{missing_page(walk.number(), std::move(found).error())};
    if (!found)
      co_return std::unexpected{std::move(found).error()};
    auto goes_on = walk.advance(found->next, answer->next_link);
    if (!goes_on)
      co_return std::unexpected{unusable_body(what.which, goes_on.error().text, answer->body,
                                              context_of(what, answer->token))};
    append(whole, *std::move(found));
    if (!*goes_on)
      break;
    what.message->target = walk.present();
  }
  if (!whole.unreadable.empty())
    note_oddity(where, fmt::format("{}: {}", to_string(what.which), whole.problem),
                fmt::format("{}: {} of {} items of the list cannot be read and are passed over: {}",
                            to_string(what.which), whole.unreadable.size(),
                            whole.items.size() + whole.unreadable.size(), whole.problem));
  co_return whole;
}

async::task<result<canary::deployment_list>> deployments_driver::find_deployments(
    const target& where, priority rank) {
  auto url = url_of(call::find_deployments, where);
  if (url) {
    append_query(*url, "botId", where.bot_id);
    append_query(*url, "environmentId", where.environment_id);
  }
  auto found =
      co_await list(make_read(call::find_deployments, rank, url), where, parse_deployments);
  if (!found)
    co_return std::unexpected{std::move(found).error()};
  co_return canary::deployment_list{.items = std::move(found->items),
                                    .unreadable = std::move(found->unreadable)};
}

async::task<result<bool>> deployments_driver::version_is_listed(const target& where) {
  if (options_.calls[call::versions].path.empty())
    co_return true;
  const auto url = url_of(call::versions, where);
  const auto found =
      co_await list(make_read(call::versions, priority::deploy, url), where, parse_versions);
  if (!found)
    co_return std::unexpected{found.error()};
  co_return std::ranges::find(found->items, where.version) != found->items.end();
}

async::task<result<std::vector<webhook>>> deployments_driver::list_webhooks(const target& where) {
  const auto url = url_of(call::list_webhooks, where);
  auto found =
      co_await list(make_read(call::list_webhooks, priority::record, url), where, parse_webhooks);
  if (!found)
    co_return std::unexpected{std::move(found).error()};
  co_return std::move(found->items);
}

}  // namespace canaryd::platform::deployments
