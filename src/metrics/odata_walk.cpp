#include "odata_walk.hpp"

#include <boost/json/array.hpp>
#include <fmt/format.h>

#include <utility>

namespace canaryd::metrics {

std::string odata_walk::url() const {
  switch (asked_) {
    case question::wider_page:
      return odata_page_url_with(query_, last_key_);
    case question::any_record:
      return odata_any_record_url(query_);
    case question::page:
      break;
  }
  return odata_page_url(query_, last_key_);
}

bool odata_walk::take_500() {
  if (asked_ != question::page)
    return false;
  asked_ = last_key_.empty() ? question::any_record : question::wider_page;
  return true;
}

parsed<bool> odata_walk::take_page(std::string_view body) {
  platform::json_answer answer{body};
  const auto* fields = answer.ok() ? answer.object(answer.root(), "the answer") : nullptr;
  if (fields == nullptr)
    return std::unexpected{answer.problem()};
  const auto* value = fields->if_contains("value");
  if (value == nullptr || !value->is_array())
    return std::unexpected{"there is no array \"value\""};
  if (asked_ == question::any_record)
    return false;
  const auto known = keys_.size();
  for (const auto& record : value->get_array()) {
    take_record(answer, record);
    if (!answer.ok())
      return std::unexpected{answer.problem()};
  }
  asked_ = question::page;
  const bool has_news = keys_.size() > known;
  if (has_news && ++pages_ >= most_pages)
    return std::unexpected{
        fmt::format("there are more than {} pages: choose a shorter window", most_pages)};
  return has_news;
}

void odata_walk::take_record(platform::json_answer& answer, const boost::json::value& record) {
  const auto* fields = answer.object(record, "a record");
  if (fields == nullptr)
    return;
  auto key = answer.id(*fields, {query_.key});
  if (answer.ok() && key.empty())
    answer.complain(fmt::format("a record has no {}", query_.key));
  if (!answer.ok())
    return;
  if (asked_ == question::wider_page && key == last_key_)
    return;
  if (!keys_.insert(key).second)
    return answer.complain(fmt::format("the record {} is there twice", key));
  // Whatever is not in order would be missing on the pages to come.
  if (key < last_key_)
    return answer.complain(fmt::format("the record {} is not in the order of {}", key, query_.key));
  last_key_ = std::move(key);
  visit_(answer, *fields);
}

}  // namespace canaryd::metrics
