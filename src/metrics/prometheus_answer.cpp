#include "prometheus_answer.hpp"

#include "canaryd/platform/json_answer.hpp"
#include "canaryd/text/json_parse.hpp"
#include "canaryd/text/text.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fmt/format.h>

#include <limits>

namespace canaryd::metrics {
namespace {

using value_text = parsed<std::optional<std::string>>;

std::unexpected<std::string> unlike(std::string_view what) {
  return std::unexpected{std::string{what}};
}

const boost::json::object* member_object(const boost::json::object& from, std::string_view key) {
  const auto* found = from.if_contains(key);
  return found == nullptr ? nullptr : found->if_object();
}

const boost::json::array* member_array(const boost::json::object& from, std::string_view key) {
  const auto* found = from.if_contains(key);
  return found == nullptr ? nullptr : found->if_array();
}

// [time, "value"]
value_text read_pair(const boost::json::array& pair) {
  const auto* text = pair.size() == 2 ? pair[1].if_string() : nullptr;
  if (text == nullptr)
    return unlike("a sample is not a time and a text");
  return std::string{*text};
}

value_text read_vector(const boost::json::array& samples) {
  if (samples.empty())
    return std::nullopt;
  if (samples.size() > 1)
    return std::unexpected{
        fmt::format("{} samples, where the query must give exactly one", samples.size())};
  const auto* sample = samples[0].if_object();
  const auto* pair = sample == nullptr ? nullptr : member_array(*sample, "value");
  if (pair == nullptr)
    return unlike("the sample has no plain value");
  return read_pair(*pair);
}

value_text read_data(platform::json_answer& answer, const boost::json::object& data) {
  const auto type = answer.text(data, {"resultType"});
  const auto* found = member_array(data, "result");
  if (!answer.ok() || found == nullptr)
    return unlike("there is no result");
  if (type == "vector")
    return read_vector(*found);
  if (type == "scalar")
    return read_pair(*found);
  return std::unexpected{fmt::format("the query gives a {}, and not a single number",
                                     text::printable_excerpt(type, 40))};
}

value_text read_document(platform::json_answer& answer) {
  const auto* fields = answer.ok() ? answer.object(answer.root(), "the answer") : nullptr;
  if (fields == nullptr)
    return std::unexpected{answer.problem()};
  const auto status = answer.text(*fields, {"status"});
  if (status != "success") {
    return std::unexpected{
        fmt::format("the status is \"{}\": {}: {}", text::printable_excerpt(status, 40),
                    text::printable_excerpt(answer.text(*fields, {"errorType"}), 60),
                    text::printable_excerpt(answer.text(*fields, {"error"}), 300))};
  }
  const auto* data = member_object(*fields, "data");
  if (data == nullptr)
    return unlike("there is no data");
  return read_data(answer, *data);
}

// As Prometheus writes a number, which is JSON except for the three that are no numbers.
parsed<std::optional<text::decimal>> read_value(std::string_view written) {
  if (written == "NaN")
    return std::nullopt;
  if (written == "+Inf" || written == "-Inf" || written == "Inf")
    return std::unexpected{fmt::format("the value is {}", written)};
  boost::json::error_code problem;
  // JSON allows spaces around a number.
  const bool is_number = text::parse_json(written, problem).is_number() &&
                         written.find_first_of(" \t\r\n") == std::string_view::npos;
  if (problem || !is_number)
    return std::unexpected{
        fmt::format("the value \"{}\" is no number", text::printable_excerpt(written, 40))};
  const auto value = text::read_decimal(written);
  if (value == std::numeric_limits<double>::infinity() ||
      value == -std::numeric_limits<double>::infinity())
    return unlike("the value is over the range of a double");
  return value;
}

}  // namespace

parsed<std::optional<text::decimal>> parse_prometheus(std::string_view body) {
  platform::json_answer answer{body};
  const auto written = read_document(answer);
  if (!written)
    return std::unexpected{written.error()};
  if (!*written)
    return std::nullopt;
  return read_value(**written);
}

}  // namespace canaryd::metrics
