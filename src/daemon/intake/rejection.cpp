#include "canaryd/daemon/intake/rejection.hpp"

#include "canaryd/async/clock.hpp"
#include "canaryd/text/json_write.hpp"
#include "canaryd/text/text.hpp"
#include "canaryd/text/wall_text.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <string>

namespace canaryd::daemon {
namespace json = boost::json;
namespace fs = std::filesystem;
namespace {

constexpr mode_t error_mode = 0640;
// Leaves room for what is appended to a name (NAME_MAX).
constexpr std::size_t longest_stem = 230;

std::string write_errors(const std::string& name, const text::problem_list& problems) {
  json::array errors;
  for (const auto& problem : problems)
    errors.push_back(json::object{{"pointer", problem.pointer}, {"message", problem.message}});
  const json::object text{{"file", text::printable_excerpt(name, 255)},
                          {"time", text::format_wall_time(async::clock::wall_now())},
                          {"errors", std::move(errors)}};
  return text::write_json(text, text::json_layout::indented);
}

result<bool> move_away(const fs::path& file, const std::optional<store::file_identity>& read,
                       const fs::path& to) {
  if (read)
    return move_if_same(file, *read, to);
  if (const auto moved = move_file(file, to); !moved)
    return std::unexpected{moved.error()};
  return true;
}

}  // namespace

result<bool> reject_file(const spool& where, const fs::path& file,
                         const std::optional<store::file_identity>& read,
                         const text::problem_list& problems) {
  const auto name = file.filename().string();
  const std::string suffix = name.ends_with(".json") ? ".json" : "";
  const auto stem = name.substr(0, name.size() - suffix.size()).substr(0, longest_stem);
  const auto turn = first_free(1, [&](std::int32_t number) {
    const auto file = where.rejected() / numbered(stem, number);
    return is_any_there({file.native() + suffix, file.native() + ".error.json"});
  });
  if (!turn)
    return std::unexpected{turn.error()};
  const auto target = numbered(stem, *turn);
  const auto errors = where.rejected() / (target + ".error.json");
  if (const auto written = write_whole(errors, write_errors(name, problems), error_mode); !written)
    return std::unexpected{written.error()};
  const auto to = where.rejected() / (target + suffix);
  auto moved = move_away(file, read, to);
  if (!moved || !*moved)
    remove_file(errors);
  return moved;
}

}  // namespace canaryd::daemon
