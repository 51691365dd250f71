// Reads a JSON object that an operator has split over several files.
#pragma once

#include "canaryd/text/problem.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace canaryd::text {

// One file of several that are read together.
struct json_part {
  std::string file;
  std::string bytes;
};

// What several parts say together. Objects are merged key by key; everything else is a leaf, and
// two parts that have the same leaf are a problem that names both. Each part may have a `$schema`
// at its top, because that describes the one file to an editor; the first one stays.
class split_json {
 public:
  // Reads each part as parse_operator_json() does. Fails, with a line for each problem, if a part
  // is not a JSON object. The parts must not be empty. Otherwise there is always a result; what is
  // wrong with it is told by describe().
  static std::expected<split_json, std::vector<std::string>> merge(std::vector<json_part> parts,
                                                                   std::size_t max_part_bytes);

  // If parts disagree about a leaf, the first of them counts.
  const boost::json::object& root() const { return root_; }

  // A text that says the same as all parts together: the part's own text if there is only one.
  // Requires finite numbers.
  std::string text() const;

  // A line for each duplicate key, for each leaf that is there twice, and for each of `found`,
  // which are problems of root(). Each line names the part, the line and the column. The order is
  // that of the parts, and then of the places in them. Nothing is returned if all is well.
  std::vector<std::string> describe(const problem_list& found) const;

 private:
  struct read_part {
    json_part source;
    boost::json::value root;
    // Duplicate keys and leaves that an earlier part has, with their places.
    problem_list problems;
  };

  void add(read_part part);
  void merge_into(boost::json::object& target, const boost::json::object& from,
                  const std::string& pointer, read_part& part);
  void note_twice(const std::string& pointer, read_part& part) const;
  std::size_t part_with(std::string_view pointer) const;

  std::vector<read_part> parts_;
  boost::json::object root_;
};

}  // namespace canaryd::text
