#include "canaryd/cli/audit_verify.hpp"

#include "canaryd/canary/audit_check.hpp"
#include "canaryd/text/text.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>

namespace canaryd::cli {
namespace {

// No record has that many bytes. So what is no audit file, such as a device, cannot fill the
// memory.
constexpr std::size_t longest_audit_line = std::size_t{1} << 20U;

struct closing {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

// Adds the lines of a file, which may be a pipe such as that of a decompressor. Returns why it
// cannot be read, or nothing.
std::optional<std::string> add_lines(const std::string& file, canary::chain_check& to) {
  const std::unique_ptr<std::FILE, closing> in{std::fopen(file.c_str(), "re")};
  if (!in)
    return std::strerror(errno);
  to.begin_file(file);
  std::string line;
  for (int got = ::getc_unlocked(in.get()); got != EOF; got = ::getc_unlocked(in.get())) {
    if (got == '\n') {
      to.add(line, true);
      line.clear();
      continue;
    }
    if (line.size() == longest_audit_line)
      return "a line is too long";
    line += static_cast<char>(got);
  }
  // Whatever else ends the reading, the rest of the file has not been looked at.
  if (std::feof(in.get()) == 0)
    return std::strerror(errno);
  if (!line.empty())
    to.add(line, false);
  return std::nullopt;
}

boost::json::object report_as_json(const canary::chain_report& found) {
  boost::json::array findings;
  for (const auto& each : found.findings) {
    findings.push_back(boost::json::object{{"file", each.file},
                                           {"line", each.line},
                                           {"fault", to_string(each.what)},
                                           {"message", each.text}});
  }
  return {{"ok", found.findings.empty()},
          {"records", found.records},
          {"first", found.first},
          {"findings", std::move(findings)}};
}

std::vector<std::string> report_as_lines(const canary::chain_report& found) {
  std::vector<std::string> lines;
  lines.reserve(found.findings.size() + 1);
  for (const auto& each : found.findings)
    lines.push_back(fmt::format("{}:{}: {}", text::printable(each.file), each.line, each.text));
  if (lines.empty())
    lines.push_back(fmt::format(
        "ok, {} records{}", found.records,
        found.first > 1 ? fmt::format(" from number {} on", found.first) : std::string{}));
  return lines;
}

}  // namespace

exit_code verify_audit(const std::vector<std::string>& files, const output& to) {
  canary::chain_check check;
  for (const auto& file : files) {
    if (const auto problem = add_lines(file, check)) {
      complain(to, "unreadable_file", fmt::format("{}: {}", file, *problem));
      return failed;
    }
  }
  const auto found = check.finish();
  if (to.json)
    write_document(to, report_as_json(found));
  else
    write_lines(to, report_as_lines(found));
  return found.findings.empty() ? fine : failed;
}

}  // namespace canaryd::cli
