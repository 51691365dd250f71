#include "list_walk.hpp"

#include "canaryd/net/url.hpp"

#include <fmt/format.h>

#include <utility>

namespace canaryd::platform::cognigy {

list_walk::list_walk(std::string path, std::size_t page_size)
    : path_{std::move(path)}, page_size_{page_size}, present_{path_} {
  if (page_size_ > 0)
    present_ += "&skip=0";
}

bool list_walk::goes_on(const list_page& found) const {
  if (!found.next_cursor.empty() || found.has_next_link)
    return true;
  if (found.total)
    return items_ < static_cast<std::size_t>(*found.total);
  // Where neither is told, a page that is full may not be the last.
  return page_size_ > 0 && cursors_.empty() && found.items.size() >= page_size_;
}

std::expected<bool, std::string> list_walk::advance(const list_page& found) {
  items_ += found.items.size();
  bool has_new = false;
  for (const auto& item : found.items)
    has_new |= keys_.insert(item.id.empty() ? item.reference_id : item.id).second;
  if (!goes_on(found))
    return false;
  if (found.items.empty())
    return std::unexpected{fmt::format("page {} is empty, and not the last", number_)};
  if (!has_new)
    return std::unexpected{fmt::format("page {} comes again", number_)};
  if (number_ >= most_pages)
    return std::unexpected{fmt::format("there are more than {} pages", most_pages)};
  if (found.next_cursor.empty() && !cursors_.empty())
    return std::unexpected{fmt::format("page {} has no nextCursor, and is not the last", number_)};
  if (!found.next_cursor.empty() && !cursors_.insert(found.next_cursor).second)
    return std::unexpected{fmt::format("the pages go round in a circle at page {}", number_)};
  ++number_;
  present_ = found.next_cursor.empty()
                 ? fmt::format("{}&skip={}", path_, items_)
                 : fmt::format("{}&next={}", path_, net::percent_encode(found.next_cursor));
  return true;
}

}  // namespace canaryd::platform::cognigy
