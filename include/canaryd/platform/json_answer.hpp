// Reads an answer's JSON without trusting it. The reader remembers the first problem, so that the
// code that uses it reads like a list of fields.
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
  // Wipes the memory of the document, which may hold a token.
  ~json_answer();
  json_answer(const json_answer&) = delete;
  json_answer& operator=(const json_answer&) = delete;

  // The whole document. It is null if the body cannot be used.
  const boost::json::value& root() const { return root_; }
  // What is wrong with the body, or with the first value that could not be read. Empty if nothing
  // is wrong.
  const std::string& problem() const { return problem_; }
  bool ok() const { return problem_.empty(); }

  // Forgets the problem, because the item that has it is passed over.
  void forgive() { problem_.clear(); }

  // Returns the value as an object. If it is none, returns nullptr and notes a problem.
  const boost::json::object* object(const boost::json::value& from, std::string_view name);
  // Returns the root if it is an array, or its member `items`. null counts as an empty array. If
  // there is no such array, returns nullptr and notes a problem.
  const boost::json::array* items();

  // These read a field. If several keys are given, they are spellings of the same field, and those
  // that are present must agree. The result is empty if the field is absent or null. If the field
  // is of another type or out of range, the result is empty and a problem is noted.
  std::optional<double> number(const boost::json::object& from, std::string_view key, double least,
                               double most);
  // Like number(), but exact to the last digit.
  std::optional<text::decimal> decimal(const boost::json::object& from, std::string_view key,
                                       double least, double most);
  std::optional<std::int64_t> count(const boost::json::object& from, std::string_view key);
  std::string text(const boost::json::object& from, std::initializer_list<std::string_view> keys);
  // Takes a text or a number. A number is taken as it is written, so 2.10 is not 2.1.
  std::string word(const boost::json::object& from, std::initializer_list<std::string_view> keys);
  // Takes a text or a whole number of any number of digits.
  std::string id(const boost::json::object& from, std::initializer_list<std::string_view> keys);

  // Returns a number of the document as it is written there.
  std::string written_number(const boost::json::value& number);

  // Takes the text of a field of the root out of the document and wipes it there. Requires that the
  // field exists and is a text.
  text::secret take_secret(std::string_view key);

  // Notes a problem, unless one is noted already.
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
  // Where each number is written in the body. It is filled when it is first needed.
  std::unordered_map<const boost::json::value*, std::string_view> numbers_;
  bool has_long_numbers_ = false;
  std::string problem_;
};

}  // namespace canaryd::platform
