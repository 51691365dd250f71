// A terminal that is drawn on again and again in place.
#pragma once

#include "canaryd/cli/live_view.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace canaryd::cli {

// Hides the cursor and switches line wrapping off; puts both back at its end. What was on the
// terminal before scrolls up and stays in its history.
class screen {
 public:
  // Requires a descriptor of a terminal, which stays open.
  explicit screen(int terminal);
  ~screen();
  screen(const screen&) = delete;
  screen& operator=(const screen&) = delete;

  // As it is now: it changes when somebody pulls at the window.
  view_size size() const;
  // Shows these lines and nothing else. Requires that they fit.
  void draw(const std::vector<std::string>& lines) const;

 private:
  int terminal_;
};

// Of that terminal as it is now; the usual one of a terminal that does not tell.
view_size size_of_terminal(int terminal);

// Writes all of it; false, and errno, where not all can be written.
bool write_out(int descriptor, std::string_view text);

}  // namespace canaryd::cli
