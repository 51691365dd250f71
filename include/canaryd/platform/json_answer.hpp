// Reading an answer's JSON without trusting it. The reader remembers what was wrong first, so that
// the code that uses it reads like a list of fields.
#pragma once

#include "canaryd/text/decimal.hpp"
#include "canaryd/text/json_parse.hpp"
#include "canaryd/text/secret.hpp"

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/value.hpp>

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace canaryd::platform {

class json_answer {
 public:
  explicit json_answer(std::string_view body);
  // Leaves nothing of a token behind in memory.
  ~json_answer();
  json_answer(const json_answer&) = delete;
  json_answer& operator=(const json_answer&) = delete;

  // The whole document; null where the body was no use.
  const boost::json::value& root() const { return root_; }
  // What was wrong with the body or with the first value that was asked for in vain; empty:
  // nothing.
  const std::string& problem() const { return problem_; }
  bool ok() const { return problem_.empty(); }

  // Forgets the problem: what it was about is passed over.
  void forgive() { problem_.clear(); }

  // The value as an object (or as the array of {"items": […]} or itself, an empty one for null),
  // else nullptr and a problem.
  const boost::json::object* object(const boost::json::value& from, std::string_view name);
  const boost::json::array* items();

  // A field by its key or, where there are several, by each of its spellings, of which those
  // present must agree. Nothing where it is absent or null, and with a problem where it is
  // something else.
  std::optional<double> number(const boost::json::object& from, std::string_view key, double least,
                               double most);
  // The same to the last digit.
  std::optional<text::decimal> decimal(const boost::json::object& from, std::string_view key,
                                       double least, double most);
  std::optional<std::int64_t> count(const boost::json::object& from, std::string_view key);
  std::string text(const boost::json::object& from, std::initializer_list<std::string_view> keys);
  // The same of a text or a number, which is taken as it is written: 2.10 is not 2.1.
  std::string word(const boost::json::object& from, std::initializer_list<std::string_view> keys);
  // The same of a text or a whole number, which may have any number of digits.
  std::string id(const boost::json::object& from, std::initializer_list<std::string_view> keys);

  // A number anywhere in the document, as it is written there.
  std::string written_number(const boost::json::value& number);

  // The text of a field of the root that is known to be there and to be a text; it is wiped from
  // the document.
  text::secret take_secret(std::string_view key);

  void complain(std::string what);

 private:
  void parse(std::string_view body);
  void refuse_infinities(const boost::json::value& from);
  std::optional<std::string_view> as_written(const boost::json::value& number);
  template <class Read>
  std::string agreed(const boost::json::object& from, std::initializer_list<std::string_view> keys,
                     std::string_view wanted, const Read& read);

  // Enough for a metrics answer: parsing one needs no memory from the heap.
  unsigned char buffer_[2048];
  boost::json::monotonic_resource memory_;
  boost::json::value root_ = boost::json::value(boost::json::storage_ptr{&memory_});
  std::string_view body_;
  // Where each number is written in the body; made when it is first asked for.
  std::unordered_map<const boost::json::value*, std::string_view> numbers_;
  bool has_long_numbers_ = false;
  std::string problem_;
};

}  // namespace canaryd::platform
