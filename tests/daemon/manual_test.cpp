// The manual pages describe every key and option.
#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

namespace canaryd::daemon {
namespace {

namespace json = boost::json;
using testing::HasSubstr;

std::string read(const std::string& file) {
  std::ifstream in{std::string{CANARYD_SOURCE_DIR} + "/" + file};
  EXPECT_TRUE(in) << file;
  return {std::istreambuf_iterator<char>{in}, {}};
}

// Every key in the schema must be the head of a paragraph. `defaults` has the keys of a job.
void expect_keys(const std::string& page, const json::object& schema, const std::string& path) {
  const auto* properties = schema.if_contains("properties");
  if (properties == nullptr || path == "defaults." || path == "api.calls.")
    return;
  for (const auto& [key, value] : properties->as_object()) {
    if (!value.is_object() || !value.as_object().contains("description"))
      continue;
    const auto name = path + std::string{key};
    EXPECT_THAT(page, HasSubstr("\n.TP\n.B " + name + "\n"));
    expect_keys(page, value.as_object(), name + ".");
  }
}

TEST(manual, canaryd_json_has_every_key_of_the_configuration) {
  expect_keys(read("docs/man/canaryd.json.5"),
              json::parse(read("config/canaryd.schema.json")).as_object(), "");
}

TEST(manual, canary_job_has_every_key_of_a_job) {
  expect_keys(read("docs/man/canary-job.5"),
              json::parse(read("config/canary-job.schema.json")).as_object(), "");
}

TEST(manual, the_events_have_their_place) {
  EXPECT_THAT(read("docs/man/canaryd.8"), HasSubstr("\n@EVENTS@\n"));
}

}  // namespace
}  // namespace canaryd::daemon
