// The pages of one OData query, one after the other, up to their end. Pure: says which URL comes
// next, and takes what came.
//
// A page that is empty is the end. Some installations answer 500 instead; so after a 500 a wider
// question is asked once, to which there is an answer if the service works: the page with the
// record before it, or any record of the collection. Only a 500 to that is an error.
#pragma once

#include "canaryd/platform/json_answer.hpp"

#include <boost/json/object.hpp>

#include "measurement.hpp"
#include "odata_query.hpp"
#include <functional>
#include <string>
#include <unordered_set>

namespace canaryd::metrics {

class odata_walk {
 public:
  static constexpr std::size_t most_pages = 200;
  using visitor = std::function<void(platform::json_answer&, const boost::json::object&)>;

  // `visit` is called for each record once; what it complains of is wrong with the page.
  odata_walk(odata_query query, visitor visit)
      : query_{std::move(query)}, visit_{std::move(visit)} {}

  std::string url() const;

  // Takes the answer to url(). True if there is another page to ask for. Fails if the page is of no
  // use, repeats a record of an earlier one, or is one of too many.
  parsed<bool> take_page(std::string_view body);
  // Takes a 500 to url(). True if a wider question is to be asked; false if it was one.
  bool take_500();

 private:
  enum class question : std::uint8_t { page, wider_page, any_record };

  void take_record(platform::json_answer& answer, const boost::json::value& record);

  odata_query query_;
  visitor visit_;
  question asked_ = question::page;
  std::string last_key_;
  std::unordered_set<std::string> keys_;
  std::size_t pages_ = 0;
};

}  // namespace canaryd::metrics
