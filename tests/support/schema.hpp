// Validates documents with a JSON Schema, and finds the places of a document that the schema
// describes.
#pragma once

#include "canaryd/text/problem.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <unistd.h>
#include <vector>

namespace canaryd::support {

namespace json = boost::json;

inline std::string read_text(const std::string& path) {
  std::ifstream file{path};
  EXPECT_TRUE(file) << path;
  return {std::istreambuf_iterator<char>{file}, {}};
}

inline std::string config_path(std::string_view name) {
  return std::string{CANARYD_SOURCE_DIR "/config/"} + std::string{name};
}

inline json::value read_schema(std::string_view name) {
  return json::parse(read_text(config_path(name)));
}

// What an independent validator says about each document.
inline std::vector<bool> schema_verdicts(std::string_view schema,
                                         const std::vector<json::value>& documents) {
  const auto prefix = testing::TempDir() + "canaryd_" + std::to_string(::getpid());
  const auto input = prefix + ".in";
  const auto output = prefix + ".out";
  std::ofstream file{input};
  for (const auto& document : documents)
    file << json::serialize(document) << '\n';
  file.close();
  const auto command = "python3 " CANARYD_SOURCE_DIR "/tests/support/check_schema.py " +
                       config_path(schema) + " < " + input + " > " + output;
  EXPECT_EQ(std::system(command.c_str()), 0) << command;
  std::vector<bool> verdicts;
  for (const char c : read_text(output)) {
    if (c == '0' || c == '1')
      verdicts.push_back(c == '1');
  }
  std::remove(input.c_str());
  std::remove(output.c_str());
  EXPECT_EQ(verdicts.size(), documents.size());
  return verdicts;
}

// A value that the schema describes and the base document has or could have.
struct schema_place {
  std::string parent;
  std::string key;
  json::object schema;

  std::string pointer() const { return text::child_pointer(parent, key); }
};

// The schema that a reference within the same file leads to, or `schema` itself.
inline json::object resolve(const json::value& root, const json::object& schema) {
  const auto* reference = schema.if_contains("$ref");
  if (reference == nullptr || !reference->get_string().starts_with("#"))
    return schema;
  auto resolved = resolve(
      root, root.at_pointer(std::string_view{reference->get_string()}.substr(1)).get_object());
  for (const auto& [key, value] : schema)
    resolved.insert_or_assign(key, value);
  return resolved;
}

inline void collect_places(const json::value& root, const json::object& schema,
                           const json::value& document, const std::string& pointer,
                           std::vector<schema_place>& places) {
  const auto descend = [&](std::string_view key, const json::value& inner,
                           const json::value* part) {
    const auto resolved = resolve(root, inner.get_object());
    places.push_back({.parent = pointer, .key = std::string{key}, .schema = resolved});
    if (part != nullptr)
      collect_places(root, resolved, *part, text::child_pointer(pointer, key), places);
  };
  if (const auto* object = document.if_object()) {
    const auto* properties = schema.if_contains("properties");
    const auto* others = schema.if_contains("additionalProperties");
    if (properties != nullptr) {
      for (const auto& [key, inner] : properties->get_object())
        descend(key, inner, object->if_contains(key));
    }
    if (others != nullptr && others->is_object()) {
      for (const auto& [key, part] : *object)
        descend(key, *others, &part);
    }
  }
  if (const auto* array = document.if_array(); array != nullptr && !array->empty()) {
    if (const auto* items = schema.if_contains("items"))
      descend("0", *items, &array->front());
  }
}

inline std::vector<schema_place> places_of(const json::value& schema, const json::value& document) {
  std::vector<schema_place> places;
  collect_places(schema, schema.get_object(), document, "", places);
  return places;
}

}  // namespace canaryd::support
