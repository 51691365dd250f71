// Compares a parser with its JSON Schema. For every key that the schema knows, it tries values of
// every type, at and around each bound, as well as absent and unknown keys.
#pragma once

#include "canaryd/text/problem.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "support/schema.hpp"
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <iterator>
#include <regex>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace canaryd::support {

// Values that show what a key accepts, whatever its type.
inline std::vector<json::value> common_probes() {
  std::vector<json::value> probes{nullptr,
                                  true,
                                  false,
                                  json::array{},
                                  json::object{},
                                  json::array{1},
                                  json::array{"a"},
                                  json::object{{"a", 1}},
                                  json::object{{"a", "b"}},
                                  0,
                                  -1,
                                  1,
                                  0.5,
                                  1.5,
                                  1.0,
                                  -0.5,
                                  1e12,
                                  -1e12,
                                  1e300};
  for (const std::string_view text : {"",
                                      "a",
                                      "A-b_c.d:e+f",
                                      "a b",
                                      "a/b",
                                      "../../etc/passwd",
                                      "/x",
                                      "/a b",
                                      "x\ty",
                                      "ä",
                                      "30",
                                      "250ms",
                                      "30s",
                                      "5m",
                                      "1h30m",
                                      "2d",
                                      "30m1h",
                                      "1.5s",
                                      "-1s",
                                      "1h 30m",
                                      "30S",
                                      "s",
                                      "1s1s",
                                      "http://example.com/x",
                                      "http://localhost:1/x",
                                      "http://127.0.0.1/",
                                      "http://[::1]:8080",
                                      "http://127.example.com/",
                                      "https://example.com",
                                      "https://example.com:8443/a?b=c",
                                      "https://user:pw@example.com/",
                                      "https://example.com/#f",
                                      "https://",
                                      "ftp://example.com/",
                                      "HTTPS",
                                      "http://proxy:3128",
                                      "http://proxy:3128/x",
                                      "127.0.0.1:9464",
                                      "[::1]:9464",
                                      "127.0.0.1",
                                      "GET",
                                      "m",
                                      "info",
                                      "auto",
                                      "threshold",
                                      "extend",
                                      "Extend"})
    probes.emplace_back(text);
  return probes;
}

inline void add_bound_probes(std::string_view keyword, double bound, const json::value& present,
                             std::vector<json::value>& probes) {
  const auto count = static_cast<std::size_t>(std::max(bound, 1.0));
  if (keyword == "maxLength" || keyword == "minLength") {
    for (const std::size_t size : {count - 1, count, count + 1}) {
      const std::string text(size, 'a');
      probes.emplace_back(text);
      probes.emplace_back("/" + text.substr(std::min<std::size_t>(size, 1)));
      if (size > 12)
        probes.emplace_back("https://a/bc" + text.substr(12));
    }
  } else if (keyword == "maxItems" || keyword == "minItems") {
    const auto item = present.is_array() && !present.get_array().empty()
                          ? present.get_array().front()
                          : json::value("a");
    for (const std::size_t size : {count - 1, count, count + 1})
      probes.emplace_back(json::array(size, item));
  } else if (keyword == "maxProperties") {
    for (const std::size_t size : {count, count + 1}) {
      json::object object;
      for (std::size_t i = 0; i < size; ++i)
        object["key" + std::to_string(i)] = "value";
      probes.emplace_back(std::move(object));
    }
  } else {
    const double little = std::max(std::abs(bound), 0.001) * 1e-4;
    for (const double value : {bound, bound - little, bound + little, bound - 1, bound + 1})
      probes.emplace_back(value);
    probes.emplace_back(static_cast<std::int64_t>(bound));
  }
}

// Adds values at and around every bound, pattern length and word that the schema names.
inline void add_schema_probes(const json::value& schema, const json::value& present,
                              std::vector<json::value>& probes) {
  if (const auto* array = schema.if_array()) {
    for (const auto& each : *array)
      add_schema_probes(each, present, probes);
  }
  const auto* object = schema.if_object();
  if (object == nullptr)
    return;
  for (const auto& [keyword, value] : *object) {
    if (keyword == "properties" || keyword == "items")
      continue;
    if (keyword == "default")
      probes.push_back(value);
    else if (keyword == "enum")
      std::ranges::copy(value.get_array(), std::back_inserter(probes));
    else if (value.is_number())
      add_bound_probes(keyword, value.to_number<double>(), present, probes);
    else
      add_schema_probes(value, present, probes);
  }
  // These test bounds inside patterns.
  for (const std::size_t size : {63U, 64U, 128U, 129U, 256U, 257U})
    probes.emplace_back(std::string(size, 'a'));
}

struct schema_case {
  std::string what;
  json::value document;
};

inline std::vector<schema_case> make_schema_cases(const json::value& schema,
                                                  const json::value& base) {
  std::vector<schema_case> cases{{.what = "the base", .document = base}};
  for (const auto& place : places_of(schema, base)) {
    json::value document = base;
    const bool in_array = base.at_pointer(place.parent).is_array();
    json::error_code absent;
    const auto* found = base.find_pointer(place.pointer(), absent);
    const json::value present = found != nullptr ? *found : json::value{};
    auto probes = common_probes();
    add_schema_probes(place.schema, present, probes);
    auto& parent = document.at_pointer(place.parent);
    for (const auto& probe : probes) {
      if (in_array)
        parent.get_array().front() = probe;
      else
        parent.get_object()[place.key] = probe;
      cases.push_back({.what = place.pointer() + " = " + json::serialize(probe).substr(0, 60),
                       .document = document});
    }
    if (present.is_object()) {
      document = base;
      document.at_pointer(place.pointer()).get_object()["unknown_key_of_test"] = "text";
      cases.push_back({.what = place.pointer() + " with an unknown key", .document = document});
    }
    if (found != nullptr && !in_array) {
      document = base;
      document.at_pointer(place.parent).get_object().erase(place.key);
      cases.push_back({.what = "no " + place.pointer(), .document = document});
    }
  }
  return cases;
}

// A duration as text that is well-formed but out of bounds, for `parser_only`.
inline const std::string duration_out_of_bounds =
    R"(^found "(?=[0-9])([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?", allowed is a duration from)";

using parse_function = std::function<text::problem_list(const std::string& text)>;

// Expects that the parser refuses exactly what the schema refuses. The exception is problems that a
// schema cannot express: those whose message matches one of the regular expressions.
inline void expect_agreement(std::string_view schema_name, const json::value& base,
                             const parse_function& parse,
                             const std::vector<std::string>& parser_only) {
  const auto cases = make_schema_cases(read_schema(schema_name), base);
  std::vector<json::value> documents;
  for (const auto& each : cases)
    documents.push_back(each.document);
  const auto verdicts = schema_verdicts(schema_name, documents);
  ASSERT_EQ(verdicts.size(), cases.size());
  const std::vector<std::regex> exceptions(parser_only.begin(), parser_only.end());
  std::size_t accepted = 0;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    std::string refusals;
    for (const auto& problem : parse(json::serialize(documents[i]))) {
      const bool expressible = std::ranges::none_of(exceptions, [&](const std::regex& exception) {
        return std::regex_search(problem.message, exception);
      });
      if (expressible)
        refusals += text::describe(problem, "\n  ");
    }
    EXPECT_EQ(refusals.empty(), verdicts[i])
        << cases[i].what << (verdicts[i] ? " is fine for the schema" : " is refused by the schema")
        << refusals;
    accepted += verdicts[i] ? 1 : 0;
  }
  EXPECT_GT(accepted, cases.size() / 20);
  EXPECT_LT(accepted, cases.size());
}

// Expects that the parser knows exactly the keys that the schema knows, in every object of `base`.
inline void expect_same_keys(std::string_view schema_name, const json::value& base,
                             const parse_function& parse) {
  const auto schema = read_schema(schema_name);
  auto places = places_of(schema, base);
  places.push_back({.parent = "", .key = "", .schema = schema.get_object()});
  std::size_t compared = 0;
  for (const auto& place : places) {
    const auto pointer = place.key.empty() ? std::string{} : place.pointer();
    json::value document = base;
    json::error_code absent;
    auto* object = document.find_pointer(pointer, absent);
    if (object == nullptr || !object->is_object() || !place.schema.contains("properties"))
      continue;
    // This resembles no key, so the parser lists all keys that it knows.
    object->get_object()["qqqqqqqqqqqqqqqqqqqqqqqqqq"] = 1;
    std::set<std::string> known;
    for (const auto& problem : parse(json::serialize(document))) {
      constexpr std::string_view intro = "unknown key, known are ";
      if (!problem.message.starts_with(intro))
        continue;
      std::string word;
      for (const char c : problem.message.substr(intro.size()) + ",") {
        if (c == ',')
          known.insert(std::exchange(word, {}));
        else if (c != ' ')
          word += c;
      }
    }
    std::set<std::string> described;
    for (const auto& [key, inner] : place.schema.at("properties").get_object()) {
      described.insert(key);
      EXPECT_TRUE(resolve(schema, inner.get_object()).contains("description") ||
                  inner.get_object().contains("$ref"))
          << pointer << "/" << key;
    }
    EXPECT_EQ(known, described) << pointer;
    ++compared;
  }
  EXPECT_GT(compared, 3U);
}

// For each key that has a default in the schema, calls `compare` with the base document without the
// key, and with the default written out.
inline void for_each_default(
    std::string_view schema_name, const json::value& base,
    const std::function<void(const std::string& pointer, const std::string& absent,
                             const std::string& written)>& compare) {
  for (const auto& place : places_of(read_schema(schema_name), base)) {
    const auto* value = place.schema.if_contains("default");
    if (value == nullptr)
      continue;
    json::value absent = base;
    absent.at_pointer(place.parent).get_object().erase(place.key);
    json::value written = base;
    written.at_pointer(place.parent).get_object()[place.key] = *value;
    compare(place.pointer(), json::serialize(absent), json::serialize(written));
  }
}

}  // namespace canaryd::support
