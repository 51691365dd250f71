// Where the next page of a list is (reference: "API lists"): a Link header (RFC 8288), or what the
// body's `next` says. Pure.
#pragma once

#include "canaryd/base/error.hpp"
#include "canaryd/net/message.hpp"
#include "canaryd/net/url.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace canaryd::platform {

// The target of the first link with rel="next", as it is written; empty where there is none.
std::string find_next_link(const std::vector<net::header>& headers);

// The pages of one list, one after the other.
class page_walk {
 public:
  static constexpr std::size_t most_pages = 100;

  explicit page_walk(net::url first);

  const net::url& present() const { return present_; }
  // Of the present page, counted from 1.
  std::size_t number() const { return asked_.size(); }

  // Goes on to the page that the present one names; false where it is the last. `next` is a URL
  // where it begins with a scheme and "://", or with "?", or begins with "/" and has a "?" or goes
  // on as the present path does. Else it is a cursor: the first page's URL is asked for with the
  // query `next=<cursor>`. `link` is a URL, and counts where `next` is empty. Fails (malformed)
  // where the next page has no usable URL or was asked for already, where there are too many, and
  // where it is at another origin: the access token goes with every page.
  result<bool> advance(std::string_view next, std::string_view link);

 private:
  net::url first_;
  net::url present_;
  std::vector<std::string> asked_;
};

}  // namespace canaryd::platform
