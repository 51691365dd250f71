// Columns that line up.
#pragma once

#include "canaryd/cli/style.hpp"

#include <string>
#include <vector>

namespace canaryd::cli {

struct table {
  std::vector<std::string> headings;
  // Cells may be coloured; rows may be shorter than the headings.
  std::vector<std::vector<std::string>> rows;
};

// A line for the headings and one for each row, two spaces between columns, none at the end.
std::vector<std::string> render(const table& shown, const style& look);

}  // namespace canaryd::cli
