#include "canaryd/cli/screen.hpp"

#include <cerrno>
#include <sys/ioctl.h>
#include <unistd.h>

namespace canaryd::cli {
namespace {

constexpr std::string_view hide_cursor = "\x1B[?25l";
constexpr std::string_view show_cursor = "\x1B[?25h";
constexpr std::string_view no_wrapping = "\x1B[?7l";
constexpr std::string_view wrapping = "\x1B[?7h";
constexpr std::string_view home = "\x1B[H";
constexpr std::string_view clear_line_end = "\x1B[K";
constexpr std::string_view clear_below = "\x1B[J";

}  // namespace

screen::screen(int terminal) : terminal_{terminal} {
  std::string start{hide_cursor};
  start += no_wrapping;
  start.append(size().rows, '\n');
  write_out(terminal_, start);
}

screen::~screen() {
  write_out(terminal_, std::string{wrapping} + std::string{show_cursor});
}

view_size screen::size() const {
  return size_of_terminal(terminal_);
}

void screen::draw(const std::vector<std::string>& lines) const {
  std::string text{home};
  for (const auto& line : lines) {
    text += line;
    text += clear_line_end;
    text += "\r\n";
  }
  text += clear_below;
  write_out(terminal_, text);
}

view_size size_of_terminal(int terminal) {
  winsize window{};
  // A pipe or a serial line has no size.
  if (ioctl(terminal, TIOCGWINSZ, &window) != 0 || window.ws_col == 0 || window.ws_row < 2)
    return {};
  // The cursor rests on a line of its own below what is shown.
  return {.columns = window.ws_col, .rows = window.ws_row - 1UZ};
}

bool write_out(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const auto written = write(descriptor, text.data(), text.size());
    if (written < 0 && errno != EINTR)
      return false;
    if (written > 0)
      text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace canaryd::cli
