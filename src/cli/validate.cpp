#include "canaryd/cli/validate.hpp"

#include "canaryd/job/job_file_name.hpp"
#include "canaryd/text/duration_text.hpp"
#include "canaryd/text/json_text.hpp"
#include "canaryd/text/operator_file.hpp"
#include "canaryd/text/text.hpp"

#include <boost/json/object.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace canaryd::cli {
namespace {

std::string line_of(const text::problem& found, std::string_view file, std::string_view kind) {
  const auto pointer =
      found.pointer.empty() ? std::string{} : text::printable_excerpt(found.pointer, 200) + ": ";
  return fmt::format("{}:{}:{}: {}{}{}", text::printable(file),
                     std::max<std::size_t>(1, found.line), std::max<std::size_t>(1, found.column),
                     kind, pointer, found.message);
}

text::problem_list name_problem(std::string_view file) {
  const auto name = file.substr(file.rfind('/') + 1);
  if (auto stem = job::job_file_stem(name); !stem)
    return {{.pointer = "",
             .message = "the file has the wrong name: " + stem.error(),
             .line = 1,
             .column = 1}};
  return {};
}

checked_file check_named(const std::string& file, const site_settings& settings) {
  const auto bytes = text::read_operator_file(file, job::max_job_file_bytes);
  if (bytes)
    return check_file(file, *bytes, settings);
  return {.file = file,
          .problems = {{.pointer = "", .message = bytes.error().text.substr(file.size() + 2)}}};
}

// `others` is the number of polls that the files before it on the same platform ask for.
void warn_of_many_polls(checked_file& checked, double others, const job::call_budget& budget) {
  const auto most = static_cast<double>(budget.requests);
  if (checked.polls > most || others > most || others + checked.polls <= most)
    return;
  text::problem_list warning{
      {.pointer = "/validation_interval",
       .message =
           fmt::format("together with the files before it, this asks for {:.0f} polls in {}, "
                       "but the rate budget ({}.rate_limit) allows {}: polls will be stretched",
                       others + checked.polls, text::format_duration(budget.per),
                       job::place_of_platform(checked.platform), budget.requests)}};
  if (const auto bytes = text::read_operator_file(checked.file, job::max_job_file_bytes))
    text::locate(warning, *bytes);
  checked.warnings.push_back(std::move(warning.front()));
}

boost::json::object describe_as_json(const checked_file& checked) {
  return {{"file", checked.file},
          {"valid", checked.problems.empty()},
          {"errors", to_json(checked.problems)},
          {"warnings", to_json(checked.warnings)}};
}

}  // namespace

checked_file check_file(std::string_view file, std::string_view bytes,
                        const site_settings& settings) {
  checked_file checked{.file = std::string{file}, .problems = name_problem(file)};
  const auto read = job::parse_job_file(bytes, settings.rules);
  if (!read) {
    checked.problems.insert(checked.problems.end(), read.error().begin(), read.error().end());
    return checked;
  }
  const auto& budget = settings.budget_of(read->platform);
  checked.warnings = job::lint_job(*read, bytes, budget);
  checked.polls = job::polls_asked_for(*read, budget);
  checked.platform = read->platform;
  return checked;
}

std::vector<std::string> describe(const checked_file& checked) {
  std::vector<std::string> lines;
  for (const auto& each : checked.problems)
    lines.push_back(line_of(each, checked.file, ""));
  for (const auto& each : checked.warnings)
    lines.push_back(line_of(each, checked.file, "warning: "));
  return lines;
}

boost::json::array to_json(const text::problem_list& problems) {
  boost::json::array list;
  for (const auto& each : problems)
    list.push_back(boost::json::object{{"pointer", each.pointer},
                                       {"message", each.message},
                                       {"line", each.line},
                                       {"column", each.column}});
  return list;
}

exit_code validate(const std::vector<std::string>& files, const site_settings& settings,
                   bool strict, const output& to) {
  boost::json::array documents;
  auto code = fine;
  std::map<std::string, double> polls;
  for (const auto& file : files) {
    auto checked = check_named(file, settings);
    auto& of_platform = polls[checked.platform];
    warn_of_many_polls(checked, of_platform, settings.budget_of(checked.platform));
    of_platform += checked.polls;
    if (!checked.problems.empty() || (strict && !checked.warnings.empty()))
      code = failed;
    if (to.json)
      documents.push_back(describe_as_json(checked));
    else
      write_lines(to, describe(checked));
  }
  if (to.json)
    write_document(to, boost::json::object{{"files", std::move(documents)}});
  return code;
}

}  // namespace canaryd::cli
