// Names of job files in incoming/ (reference: "Folders").
#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace canaryd::job {

// True for names of files that are still being written: they start with "." or end in ".tmp",
// ".part" or "~".
bool is_ignored_name(std::string_view name);

// The stem of a job file's name, which is the job's id: 1 to 100 characters of [A-Za-z0-9._-] in
// front of ".json", a letter or digit first. If the name does not fit, or ends in ".result.json",
// ".error.json" or ".<digits>.json", returns a sentence that says what is wrong with it.
std::expected<std::string, std::string> job_file_stem(std::string_view name);

}  // namespace canaryd::job
