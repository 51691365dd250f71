#include "canaryd/platform/haproxy/stat_answer.hpp"

#include "canaryd/text/text.hpp"

#include <fmt/format.h>

#include "runtime_answer.hpp"
#include <charconv>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace canaryd::platform {
namespace {

constexpr std::string_view table_beginning = "# ";
constexpr std::size_t shown_cell_characters = 40;
constexpr auto longest_time = std::chrono::milliseconds{std::chrono::hours{24}};

using cells = std::vector<std::string_view>;

// No cell that is read here is ever quoted, and a comma in a quoted cell behind them does no harm.
cells split_row(std::string_view line) {
  cells found;
  for (;;) {
    const auto comma = line.find(',');
    found.push_back(line.substr(0, comma));
    if (comma == std::string_view::npos)
      return found;
    line.remove_prefix(comma + 1);
  }
}

// One row with the names of its columns. Remembers the first problem.
class stat_row {
 public:
  stat_row(const cells& names, cells values) : names_{names}, values_{std::move(values)} {}

  std::optional<std::string_view> find(std::string_view name) const {
    for (std::size_t i = 0; i < names_.size() && i < values_.size(); ++i)
      if (names_[i] == name)
        return values_[i];
    return std::nullopt;
  }

  std::uint64_t count(std::string_view name,
                      std::uint64_t greatest = std::numeric_limits<std::uint64_t>::max()) {
    const auto cell = find(name);
    if (!cell) {
      complain(fmt::format("the column {} is missing", name));
      return 0;
    }
    std::uint64_t value = 0;
    const auto* end = cell->data() + cell->size();
    const auto read = std::from_chars(cell->data(), end, value);
    if (read.ec != std::errc{} || read.ptr != end || value > greatest)
      complain(
          fmt::format("{} is \"{}\"", name, text::printable_excerpt(*cell, shown_cell_characters)));
    return value;
  }

  duration milliseconds(std::string_view name) {
    return std::chrono::milliseconds{count(name, longest_time.count())};
  }

  const std::string& problem() const { return problem_; }

 private:
  void complain(std::string what) {
    if (problem_.empty())
      problem_ = std::move(what);
  }

  const cells& names_;
  cells values_;
  std::string problem_;
};

result<backend_counters> read_counters_of(stat_row row) {
  backend_counters counted{.sessions = row.count("stot"),
                           .requests = row.count("req_tot"),
                           .answers_5xx = row.count("hrsp_5xx"),
                           .response_time = row.milliseconds("rtime"),
                           .total_time = row.milliseconds("ttime")};
  if (!row.problem().empty())
    return failure(fault::malformed, row.problem());
  return counted;
}

}  // namespace

result<backend_counters> read_backend_row(std::string_view answer, std::string_view backend) {
  if (const auto whole = check_is_whole(answer); !whole)
    return std::unexpected{whole.error()};
  if (!answer.starts_with(table_beginning))
    return unexpected_answer(answer);
  answer.remove_prefix(table_beginning.size());
  const auto names = split_row(take_line(answer));
  for (auto line = take_line(answer); !line.empty(); line = take_line(answer)) {
    stat_row row{names, split_row(line)};
    const auto proxy = row.find("pxname");
    const auto part = row.find("svname");
    if (!proxy || !part)
      return failure(fault::malformed, "a row of the table has no name");
    if (*proxy == backend && *part == "BACKEND")
      return read_counters_of(std::move(row));
  }
  return failure(fault::refused, fmt::format("there is no backend {}", backend));
}

}  // namespace canaryd::platform
