#include "canaryd/daemon/control/event_hub.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace canaryd::daemon {
namespace {

bool has_gone(const std::weak_ptr<subscription>& listener) {
  const auto present = listener.lock();
  return !present || present->has_ended();
}

}  // namespace

async::task<event_text> subscription::next(instant deadline) {
  static const auto heartbeat = std::make_shared<const std::string>(":\n\n");
  while (!ended_ && waiting_.empty() && async::clock::now() < deadline)
    co_await bell_.wait(deadline);
  if (ended_)
    co_return nullptr;
  if (waiting_.empty())
    co_return heartbeat;
  auto first = std::move(waiting_.front());
  waiting_.pop_front();
  co_return first;
}

void subscription::close() {
  if (std::exchange(ended_, true))
    return;
  waiting_.clear();
  bell_.ring();
  if (on_end_)
    on_end_();
}

void subscription::offer(const event_text& what, std::string_view job_id) {
  if (ended_ || (!job_id_.empty() && job_id_ != job_id))
    return;
  if (waiting_.size() >= max_waiting) {
    close();
    return;
  }
  waiting_.push_back(what);
  bell_.ring();
}

std::shared_ptr<subscription> event_hub::listen(std::string job_id) {
  std::erase_if(listeners_, has_gone);
  if (listeners_.size() >= max_listeners)
    return nullptr;
  auto added = std::make_shared<subscription>(executor_, std::move(job_id));
  listeners_.push_back(added);
  return added;
}

std::size_t event_hub::listeners() const {
  return listeners_.size() - static_cast<std::size_t>(std::ranges::count_if(listeners_, has_gone));
}

bool event_hub::has_listeners() const {
  return !std::ranges::all_of(listeners_, has_gone);
}

void event_hub::publish(std::string_view kind, std::string_view job_id, std::string_view data) {
  if (!has_listeners())
    return;
  const auto text =
      std::make_shared<const std::string>(fmt::format("event: {}\ndata: {}\n\n", kind, data));
  for (const auto& each : listeners_) {
    if (const auto listener = each.lock())
      listener->offer(text, job_id);
  }
}

}  // namespace canaryd::daemon
