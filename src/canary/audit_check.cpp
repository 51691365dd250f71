#include "canaryd/canary/audit_check.hpp"

#include "canaryd/canary/audit_chain.hpp"
#include "canaryd/text/digest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ranges>
#include <span>
#include <tuple>
#include <unordered_set>
#include <utility>

namespace canaryd::canary {
namespace {

std::string gap_text(std::int64_t first, std::int64_t last) {
  if (first == last)
    return fmt::format("after the line one is missing: number {}", first);
  return fmt::format("after the line {} are missing: numbers {} to {}", last - first + 1, first,
                     last);
}

}  // namespace

std::string_view to_string(chain_fault what) {
  switch (what) {
    case chain_fault::changed:
      return "changed";
    case chain_fault::missing:
      return "missing";
    case chain_fault::swapped:
      return "swapped";
    case chain_fault::repeated:
      return "repeated";
    case chain_fault::cut_off:
      return "cut_off";
  }
  return "";
}

void chain_check::begin_file(std::string name) {
  files_.push_back(std::move(name));
  lines_of_file_ = 0;
  is_file_placed_ = false;
}

void chain_check::add(std::string_view line, bool has_end) {
  seen_line added{.file = files_.size() - 1,
                  .number = ++lines_of_file_,
                  .sequence = lines_.empty() ? 1 : lines_.back().sequence + 1,
                  .is_readable = false,
                  .prev_sha256 = {},
                  .sha256 = text::sha256_hex(line)};
  auto read = read_chain_line(line);
  if (read) {
    added.is_readable = true;
    added.sequence = read->sequence;
    place_lines_before(added);
    added.prev_sha256 = std::move(read->prev_sha256);
  } else if (has_end) {
    tell(chain_fault::changed, added, "the line is changed: " + read.error().text);
  }
  if (!has_end)
    tell(chain_fault::cut_off, added, "the line is cut off: the file ends before it does");
  lines_.push_back(std::move(added));
}

// The first lines of a file that cannot be read belong before the first one that can. They need not
// follow what was read last, because the files come in any order.
void chain_check::place_lines_before(const seen_line& first_readable) {
  if (std::exchange(is_file_placed_, true))
    return;
  auto sequence = first_readable.sequence;
  for (auto& each : std::span{lines_}.last(first_readable.number - 1) | std::views::reverse)
    each.sequence = sequence = std::max<std::int64_t>(sequence - 1, 1);
}

chain_report chain_check::finish() {
  find_repeated();
  auto in_order = lines_;
  std::ranges::sort(in_order, {}, [](const seen_line& each) {
    return std::tuple{each.sequence, each.file, each.number};
  });
  find_swapped();
  find_missing_and_changed(in_order);
  std::ranges::sort(findings_, {}, [](const placed_finding& each) {
    return std::tuple{each.file, each.found.line, each.found.what};
  });
  chain_report made;
  made.records = static_cast<std::size_t>(std::ranges::count_if(lines_, &seen_line::is_readable));
  made.first = in_order.empty() ? 0 : in_order.front().sequence;
  for (auto& each : std::exchange(findings_, {}))
    made.findings.push_back(std::move(each.found));
  return made;
}

// Takes them out, so that they are not reported in other words as well.
void chain_check::find_repeated() {
  std::unordered_set<std::int64_t> taken;
  for (const auto& each : lines_) {
    if (each.is_readable && !taken.insert(each.sequence).second)
      tell(chain_fault::repeated, each,
           fmt::format("the line is there twice: there is another number {}", each.sequence));
  }
  std::unordered_set<std::int64_t> kept;
  std::erase_if(lines_, [&](const seen_line& each) {
    return each.is_readable ? !kept.insert(each.sequence).second : taken.contains(each.sequence);
  });
}

// Within each file alone: a chain may have gone on in another file and come back.
void chain_check::find_swapped() {
  std::vector<const seen_line*> there;
  for (const auto& each : lines_) {
    if (each.is_readable)
      there.push_back(&each);
  }
  auto in_order = there;
  std::ranges::sort(in_order, {}, [](const seen_line* each) {
    return std::tuple{each->file, each->sequence, each->number};
  });
  for (std::size_t i = 0; i < there.size(); ++i) {
    const auto& found = *there[i];
    if (found.sequence != in_order[i]->sequence)
      tell(chain_fault::swapped, found,
           fmt::format("the line is swapped: it is number {}, and here number {} belongs",
                       found.sequence, in_order[i]->sequence));
  }
}

void chain_check::find_missing_and_changed(const std::vector<seen_line>& in_order) {
  if (!in_order.empty()) {
    const auto& first = in_order.front();
    if (first.is_readable && (first.sequence == 1) != first.prev_sha256.empty())
      tell(chain_fault::changed, first,
           "the line is changed: its sequence and its prev_sha256 do not fit");
  }
  for (std::size_t i = 1; i < in_order.size(); ++i)
    look_between(in_order[i - 1], in_order[i]);
}

void chain_check::look_between(const seen_line& before, const seen_line& after) {
  if (after.sequence > before.sequence + 1) {
    tell(chain_fault::missing, before, gap_text(before.sequence + 1, after.sequence - 1));
    return;
  }
  if (!before.is_readable || !after.is_readable || after.prev_sha256 == before.sha256)
    return;
  auto text = fmt::format("the line is changed: it is not the one that number {} was written after",
                          after.sequence);
  tell(chain_fault::changed, before, std::move(text));
}

void chain_check::tell(chain_fault what, const seen_line& about, std::string text) {
  findings_.push_back({.file = about.file,
                       .found = {.what = what,
                                 .file = files_[about.file],
                                 .line = about.number,
                                 .text = std::move(text)}});
}

}  // namespace canaryd::canary
