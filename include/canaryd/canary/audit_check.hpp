// Looks for lines of audit files that were changed, removed, moved or repeated
// (reference: "Audit file").
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace canaryd::canary {

enum class chain_fault : std::uint8_t {
  // The line is not what the next line says, or is not a record.
  changed,
  // Lines are missing after this one.
  missing,
  // The line is in the place of another one of its file.
  swapped,
  // The line is there for the second time.
  repeated,
  // The last line of a file has no end.
  cut_off,
};

std::string_view to_string(chain_fault what);

struct chain_finding {
  chain_fault what = chain_fault::changed;
  std::string file;
  // From 1 on, within its file.
  std::size_t line = 0;
  // A sentence for people.
  std::string text;
};

struct chain_report {
  std::size_t records = 0;
  // The sequence of the first record; 0 if there is none. If it is more than 1, what was before it
  // is in a file that was not looked at.
  std::int64_t first = 0;
  // In the order of the files and their lines.
  std::vector<chain_finding> findings;
};

class chain_check {
 public:
  // What is added next is the beginning of that file. The files may come in any order.
  void begin_file(std::string name);
  // A line without its newline. `has_end` is false if the file ends without a newline.
  void add(std::string_view line, bool has_end);

  chain_report finish();

 private:
  struct seen_line {
    std::size_t file = 0;
    std::size_t number = 0;
    std::int64_t sequence = 0;
    bool is_readable = false;
    std::string prev_sha256;
    std::string sha256;
  };

  void place_lines_before(const seen_line& first_readable);
  void find_repeated();
  void find_swapped();
  void find_missing_and_changed(const std::vector<seen_line>& in_order);
  void look_between(const seen_line& before, const seen_line& after);
  void tell(chain_fault what, const seen_line& about, std::string text);

  std::vector<std::string> files_;
  std::vector<seen_line> lines_;
  std::size_t lines_of_file_ = 0;
  // True once a line of the file was read, so that it is known where the file belongs.
  bool is_file_placed_ = false;
  struct placed_finding {
    std::size_t file = 0;
    chain_finding found;
  };
  std::vector<placed_finding> findings_;
};

}  // namespace canaryd::canary
