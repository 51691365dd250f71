// Goes through the pages of a list of the Cognigy.AI API. Pure.
#pragma once

#include "canaryd/platform/cognigy/codec.hpp"

#include <cstddef>
#include <expected>
#include <set>
#include <string>

namespace canaryd::platform::cognigy {

class list_walk {
 public:
  static constexpr std::size_t most_pages = 100;

  // `path` has a query and names no page; `page_size` is the limit that it asks for, 0 where it
  // asks for none.
  list_walk(std::string path, std::size_t page_size);

  // The path of the present page.
  const std::string& present() const { return present_; }
  // Of the present page, counted from 1.
  std::size_t number() const { return number_; }

  // Takes what the present page holds and goes on to the next: by its cursor, or by the number of
  // items so far. False where it is the last. The error says why the list cannot be had as a whole:
  // a page that is missing or comes again, or pages without an end.
  std::expected<bool, std::string> advance(const list_page& found);

 private:
  bool goes_on(const list_page& found) const;

  std::string path_;
  std::size_t page_size_;
  std::string present_;
  std::size_t number_ = 1;
  std::size_t items_ = 0;
  // What was seen of items and cursors.
  std::set<std::string> keys_;
  std::set<std::string> cursors_;
};

}  // namespace canaryd::platform::cognigy
