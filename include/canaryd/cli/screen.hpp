// Draws on a terminal again and again in place.
#pragma once

#include "canaryd/cli/live_view.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace canaryd::cli {

// Hides the cursor and switches line wrapping off. The destructor puts both back. What was on the
// terminal before scrolls up and stays in its history.
class screen {
 public:
  // Requires a descriptor of a terminal, which stays open.
  explicit screen(int terminal);
  ~screen();
  screen(const screen&) = delete;
  screen& operator=(const screen&) = delete;

  // The present size. It changes when somebody resizes the window.
  view_size size() const;
  // Shows these lines and nothing else. Requires that they fit.
  void draw(const std::vector<std::string>& lines) const;

 private:
  int terminal_;
};

// Returns the present size of a terminal, or 80 columns and 24 rows if the terminal does not tell.
view_size size_of_terminal(int terminal);

// Writes the whole text. Returns false and sets errno if that is not possible.
bool write_out(int descriptor, std::string_view text);

}  // namespace canaryd::cli
