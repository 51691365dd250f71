#include "canaryd/daemon/rejection.hpp"

#include "canaryd/async/clock.hpp"
#include "canaryd/core/json_write.hpp"
#include "canaryd/core/text.hpp"
#include "canaryd/core/wall_text.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <string>

namespace canaryd::daemon {
namespace json = boost::json;
namespace fs = std::filesystem;
namespace {

constexpr mode_t error_mode = 0640;
// As much of a name as leaves room for what is appended to it (NAME_MAX).
constexpr std::size_t longest_stem = 230;

std::string write_errors(const std::string& name, const core::problem_list& problems) {
  json::array errors;
  for (const auto& problem : problems)
    errors.push_back(json::object{{"pointer", problem.pointer}, {"message", problem.message}});
  const json::object text{{"file", core::printable_excerpt(name, 255)},
                          {"time", core::format_wall_time(async::clock::wall_now())},
                          {"errors", std::move(errors)}};
  return core::write_json(text, core::json_layout::indented);
}

}  // namespace

core::result<void> reject_file(const spool& where, const fs::path& file,
                               const core::problem_list& problems) {
  const auto name = file.filename().string();
  const std::string suffix = name.ends_with(".json") ? ".json" : "";
  const auto stem = name.substr(0, name.size() - suffix.size()).substr(0, longest_stem);
  std::int32_t turn = 1;
  while (is_there(where.rejected() / (numbered(stem, turn) + suffix)) ||
         is_there(where.rejected() / (numbered(stem, turn) + ".error.json")))
    ++turn;
  const auto target = numbered(stem, turn);
  const auto errors = where.rejected() / (target + ".error.json");
  const auto written = write_whole(errors, write_errors(name, problems), error_mode);
  if (!written)
    return written;
  auto moved = move_file(file, where.rejected() / (target + suffix));
  if (!moved) {
    std::error_code ignored;
    fs::remove(errors, ignored);
  }
  return moved;
}

}  // namespace canaryd::daemon
