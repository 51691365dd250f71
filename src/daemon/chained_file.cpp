#include "canaryd/daemon/chained_file.hpp"

#include "line_file.hpp"
#include <algorithm>
#include <cstddef>

namespace canaryd::daemon {
namespace fs = std::filesystem;
namespace {

// So much of the end of the file is read to find out which records are there. A line has some
// hundred bytes, and few records can be there without being marked as delivered.
constexpr std::int64_t tail_bytes = std::int64_t{1} << 20U;
constexpr std::size_t max_known_ids = 4096;

// Calls `take` with each line that ends in a newline.
template <class Take>
void for_each_line(std::string_view text, Take take) {
  for (auto end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
    take(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
}

// A write that was cut short leaves a last line without a newline. Its record was not marked as
// delivered and comes again, so a part of a line is cut off. What is whole but for the newline, or
// was never written by this program, is kept and gets its newline.
result<void> mend_last_line(const line_file& file, std::int64_t size, std::string& tail) {
  const auto begin = tail.find_last_of('\n') + 1;
  const auto last = std::string_view{tail}.substr(begin);
  if (last.empty())
    return {};
  const bool is_part = !canary::read_chain_line(last) && (last.front() == '{' || last.front() == 0);
  if (!is_part) {
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

result<void> chained_file::append(std::span<const chained_record> records) {
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

// The chain goes on after the last line of the file. But if the line that was written last is not
// there, the chain goes on after that one, so that a check finds out that it is missing.
void chained_file::read_lines(std::string_view tail) {
  const auto last = remembered();
  canary::chain_end found;
  bool has_last = last == canary::chain_end{};
  for_each_line(tail, [&](std::string_view line) {
    found = canary::end_with(line, found);
    has_last = has_last || found.sha256 == last.sha256;
    if (const auto read = canary::read_chain_line(line)) {
      has_last = has_last || read->prev_sha256 == last.sha256;
      remember(read->record_id);
    }
  });
  end_ = has_last ? found : last;
}

canary::chain_end chained_file::remembered() {
  if (end_)
    return *end_;
  const auto line = read_first_line(last_line_);
  const auto read = canary::read_chain_line(line);
  if (!read)
    return {};
  remember(read->record_id);
  return canary::end_with(line, {});
}

result<void> chained_file::write(const line_file& file, std::span<const chained_record> records) {
  const auto before = file.present();
  if (!before)
    return std::unexpected{before.error()};
  auto end = *end_;
  std::string text;
  std::string last;
  for (const auto& each : records) {
    if (known_.contains(each.id))
      continue;
    last = canary::continue_chain(each.members, end);
    text += last + '\n';
  }
  auto done = file.append(text);
  // Also what an earlier run has written and could not sync.
  if (done)
    done = file.sync();
  if (done && !left_)
    done = file.sync_name();
  if (!done) {
    // If it cannot be cut either, the next look finds what is there.
    left_.reset();
    if (const auto cut = file.cut_to(before->size); !cut)
      done.error().text += "; " + cut.error().text;
    return done;
  }
  end_ = end;
  for (const auto& each : records)
    remember(each.id);
  if (const auto after = file.present())
    left_ = std::make_unique<file_mark>(*after);
  if (!last.empty())
    overwrite_first_line(last_line_, last);
  return {};
}

void chained_file::remember(const std::string& id) {
  if (!known_.insert(id).second)
    return;
  ids_.push_back(id);
  if (ids_.size() > max_known_ids) {
    known_.erase(ids_.front());
    ids_.pop_front();
  }
}

}  // namespace canaryd::daemon
