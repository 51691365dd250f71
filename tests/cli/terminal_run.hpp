// canaryctl on a pseudo-terminal, and what a person sees on it.
#pragma once

#include <string>
#include <sys/types.h>
#include <vector>

namespace canaryd::cli {

// As much of a terminal as canaryctl uses: cursor home, clearing, scrolling, colours (ignored).
class screen_emulator {
 public:
  screen_emulator(std::size_t columns, std::size_t rows);

  void feed(const std::string& bytes);
  void resize(std::size_t columns, std::size_t rows);

  // Each line without the spaces at its end, from the top of the screen to the bottom.
  std::string text() const;
  // The last thing that came ended a picture: none is half drawn.
  bool is_at_rest() const { return at_rest_; }
  bool cursor_is_visible() const { return cursor_visible_; }
  bool wraps() const { return wraps_; }
  // Escape sequences that it does not know.
  const std::vector<std::string>& unknown() const { return unknown_; }

 private:
  void take_character(const std::string& character);
  void take_sequence(const std::string& sequence);
  void new_line();

  std::size_t columns_;
  std::vector<std::vector<std::string>> rows_;
  std::size_t row_ = 0;
  std::size_t column_ = 0;
  bool at_rest_ = false;
  bool cursor_visible_ = true;
  bool wraps_ = true;
  std::string pending_;
  std::vector<std::string> unknown_;
};

class terminal_run {
 public:
  terminal_run(const std::vector<std::string>& arguments, std::size_t columns, std::size_t rows);
  ~terminal_run();
  terminal_run(const terminal_run&) = delete;
  terminal_run& operator=(const terminal_run&) = delete;

  // Waits for a whole picture with `text` in it, or without; false after ten seconds.
  bool shows(const std::string& text);
  bool shows_no(const std::string& text);
  void resize(std::size_t columns, std::size_t rows);
  // As Ctrl-C at the keyboard.
  void press_interrupt() const;
  void signal(int number) const;
  // Waits for its end: the exit code, 128 + n after signal n, -1 where it goes on.
  int finish();

  const screen_emulator& screen() const { return screen_; }
  // Every byte that came.
  const std::string& bytes() const { return bytes_; }

 private:
  bool read_some();
  template <class Condition>
  bool wait_until(Condition holds);

  screen_emulator screen_;
  pid_t pid_ = -1;
  int terminal_ = -1;
  std::string bytes_;
};

}  // namespace canaryd::cli
