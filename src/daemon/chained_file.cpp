#include "canaryd/daemon/chained_file.hpp"

#include "canaryd/text/digest.hpp"
#include "canaryd/text/json_parse.hpp"
#include "canaryd/text/json_write.hpp"

#include "line_file.hpp"
#include <algorithm>
#include <cstddef>
#include <vector>

namespace canaryd::daemon {
namespace fs = std::filesystem;
namespace json = boost::json;
namespace {

// So much of the end of the file is read to find out which records are there. A line has some
// hundred bytes, and few records can be there without being marked as delivered.
constexpr std::int64_t tail_bytes = std::int64_t{1} << 20U;
constexpr std::size_t max_known_records = 4096;

// Calls `take` with each line that ends in a newline.
template <class Take>
void for_each_line(std::string_view text, Take take) {
  for (auto end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
    take(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
}

// A line of this program is an object, so no part of one is whole JSON. After a loss of power there
// can be zeros.
bool is_torn(std::string_view last) {
  json::error_code broken;
  text::parse_json(last, broken);
  return broken && (last.front() == '{' || last.front() == 0);
}

// A write that was cut short leaves a last line without a newline. Its record was not marked as
// delivered and comes again, so a part of a line is cut off. What is whole but for the newline, or
// was never written by this program, is kept and gets its newline.
result<void> mend_last_line(const line_file& file, std::int64_t size, std::string& tail) {
  const auto begin = tail.find_last_of('\n') + 1;
  const auto last = std::string_view{tail}.substr(begin);
  if (last.empty())
    return {};
  if (!is_torn(last)) {
    tail += '\n';
    return file.append("\n");
  }
  const auto whole = size - static_cast<std::int64_t>(last.size());
  tail.resize(begin);
  return file.cut_to(whole);
}

}  // namespace

chained_file::chained_file(fs::path file, fs::path last_line)
    : file_{std::move(file)}, last_line_{std::move(last_line)} {}

chained_file::~chained_file() = default;

result<void> chained_file::append(std::span<const json::object> records) {
  const line_file file{file_};
  const auto present = file.present();
  if (!present)
    return std::unexpected{present.error()};
  if (auto looked = look_at(file, *present); !looked)
    return looked;
  return write(file, records);
}

// Finds out where the chain goes on, unless the file is as it was left.
result<void> chained_file::look_at(const line_file& file, const file_mark& present) {
  if (left_ && *left_ == present)
    return {};
  left_.reset();
  const auto begin = std::max<std::int64_t>(0, present.size - tail_bytes);
  auto tail = file.read(begin, present.size - begin);
  if (!tail)
    return std::unexpected{std::move(tail.error())};
  if (begin > 0) {
    const auto end_of_first = tail->find('\n');
    if (end_of_first == std::string::npos)
      return file.complaint("it has a line that is too long, so it is no audit file");
    tail->erase(0, end_of_first + 1);
  }
  if (auto mended = mend_last_line(file, present.size, *tail); !mended)
    return mended;
  read_lines(*tail);
  return {};
}

// Who can write the file could write a line that the chain goes on after, or that looks like a
// record which is still to come. So a running daemon believes only lines that it tried to write
// itself. At a start it believes those that follow the copy of the last line without a gap, and the
// last line of the file if there is no copy.
void chained_file::read_lines(std::string_view tail) {
  const bool is_start = !end_;
  auto end = remembered();
  const bool has_no_copy = is_start && end == canary::chain_end{};
  for_each_line(tail, [&](std::string_view line) {
    const auto read = canary::read_chain_line(line);
    const bool is_own = is_start || tried_.contains(text::sha256_hex(line));
    const bool follows =
        read && read->sequence == end.sequence + 1 && read->prev_sha256 == end.sha256;
    if (has_no_copy || (is_own && follows))
      end = canary::end_with(line, end);
    if (read && is_own)
      remember(canary::content_sha256(line));
  });
  end_ = std::move(end);
}

canary::chain_end chained_file::remembered() {
  if (end_)
    return *end_;
  const auto line = read_first_line(last_line_);
  if (!canary::read_chain_line(line))
    return {};
  remember(canary::content_sha256(line));
  return canary::end_with(line, {});
}

result<void> chained_file::write(const line_file& file, std::span<const json::object> records) {
  const auto before = file.present();
  if (!before)
    return std::unexpected{before.error()};
  auto end = *end_;
  std::string text;
  std::string last;
  std::vector<std::string> contents;
  std::unordered_set<std::string> tried;
  for (const auto& each : records) {
    auto content = canary::content_sha256(text::write_json(each, text::json_layout::compact));
    if (known_.contains(content))
      continue;
    contents.push_back(std::move(content));
    last = canary::continue_chain(each, end);
    tried.insert(end.sha256);
    text += last + '\n';
  }
  auto done = file.append(text);
  // Also what an earlier run has written and could not sync.
  if (done)
    done = file.sync();
  if (done && !left_)
    done = file.sync_name();
  if (!done)
    return undo(file, before->size, std::move(tried), std::move(done.error()));
  tried_.clear();
  end_ = end;
  for (auto& each : contents)
    remember(std::move(each));
  if (const auto after = file.present())
    left_ = std::make_unique<file_mark>(*after);
  if (!last.empty())
    overwrite_first_line(last_line_, last);
  return {};
}

// After an append that failed. If the file cannot be cut either, the next look finds what is there.
result<void> chained_file::undo(const line_file& file, std::int64_t size,
                                std::unordered_set<std::string> tried, error why) {
  left_.reset();
  if (const auto cut = file.cut_to(size)) {
    tried_.clear();
  } else {
    tried_.merge(tried);
    why.text += "; " + cut.error().text;
  }
  return std::unexpected{std::move(why)};
}

void chained_file::remember(std::string content) {
  if (!known_.insert(content).second)
    return;
  contents_.push_back(std::move(content));
  if (contents_.size() > max_known_records) {
    known_.erase(contents_.front());
    contents_.pop_front();
  }
}

}  // namespace canaryd::daemon
