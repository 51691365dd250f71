#include "canaryd/cli/table.hpp"

#include <algorithm>

namespace canaryd::cli {
namespace {

std::string render_row(const std::vector<std::string>& cells,
                       const std::vector<std::size_t>& widths) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const bool last = i + 1 == cells.size();
    line += last ? cells[i] : pad(cells[i], widths[i] + 2);
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

}  // namespace

std::vector<std::string> render(const table& shown, const style& look) {
  std::vector<std::size_t> widths(shown.headings.size());
  const auto widen = [&](const std::vector<std::string>& cells) {
    for (std::size_t i = 0; i < std::min(cells.size(), widths.size()); ++i)
      widths[i] = std::max(widths[i], visible_width(cells[i]));
  };
  widen(shown.headings);
  std::ranges::for_each(shown.rows, widen);
  std::vector<std::string> lines{look.paint(tone::bold, render_row(shown.headings, widths))};
  for (const auto& row : shown.rows)
    lines.push_back(render_row(row, widths));
  return lines;
}

}  // namespace canaryd::cli
