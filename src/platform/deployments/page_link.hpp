// Finds the next page of a list (reference: "API lists"), from a Link header (RFC 8288) or from the
// body's `next`. Pure.
#pragma once

#include "canaryd/base/error.hpp"
#include "canaryd/net/message.hpp"
#include "canaryd/net/url.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace canaryd::platform {

// Returns the target of the first link with rel="next" as it is written. Empty if there is none.
std::string find_next_link(const std::vector<net::header>& headers);

// Goes through the pages of one list, one after the other.
class page_walk {
 public:
  static constexpr std::size_t most_pages = 100;

  explicit page_walk(net::url first);

  const net::url& present() const { return present_; }
  // The number of the present page, counted from 1.
  std::size_t number() const { return asked_.size(); }

  // Goes on to the page that the present one names. Returns false if the present one is the last.
  //
  // `next` is a URL if it begins with a scheme and "://", or with "?", or if it begins with "/" and
  // has a "?" or begins with the present path. Otherwise it is a cursor: the first page's URL is
  // asked for with the query `next=<cursor>`. `link` is a URL, and counts if `next` is empty.
  //
  // Fails as malformed if the next page has no usable URL or was asked for already, and if there
  // are too many pages. It also fails if the page is at another origin, because the access token is
  // sent with the request for every page.
  result<bool> advance(std::string_view next, std::string_view link);

 private:
  net::url first_;
  net::url present_;
  std::vector<std::string> asked_;
};

}  // namespace canaryd::platform
