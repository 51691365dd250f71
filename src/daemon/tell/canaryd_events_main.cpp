// canaryd-events prints the table of events for the build, either as the journal's catalog or
// inserted into a manual page from standard input.
#include "canaryd/daemon/tell/event_table.hpp"

#include <iostream>
#include <string>
#include <string_view>

int main(int argc, char** argv) {
  using namespace canaryd;
  const std::string_view wanted = argc == 2 ? argv[1] : "";
  if (wanted == "catalog") {
    std::cout << daemon::write_catalog();
    return 0;
  }
  if (wanted != "manual") {
    std::cerr << "usage: canaryd-events catalog | canaryd-events manual <PAGE.in >PAGE\n";
    return 64;
  }
  for (std::string line; std::getline(std::cin, line);) {
    if (line == "@EVENTS@")
      std::cout << daemon::write_manual_section();
    else
      std::cout << line << "\n";
  }
  return 0;
}
