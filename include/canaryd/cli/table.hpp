// Writes a table whose columns line up.
#pragma once

#include "canaryd/cli/style.hpp"

#include <string>
#include <vector>

namespace canaryd::cli {

struct table {
  std::vector<std::string> headings;
  // Cells may be coloured. Rows may be shorter than the headings.
  std::vector<std::vector<std::string>> rows;
};

// Returns one line for the headings and one for each row. There are two spaces between columns, and
// none at the end of a line.
std::vector<std::string> render(const table& shown, const style& look);

}  // namespace canaryd::cli
