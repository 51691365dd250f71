#include "canaryd/daemon/intake/intake.hpp"

#include "canaryd/daemon/intake/rejection.hpp"
#include "canaryd/daemon/tell/job_log.hpp"
#include "canaryd/job/job_file_name.hpp"
#include "canaryd/text/digest.hpp"
#include "canaryd/text/json_text.hpp"
#include "canaryd/text/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace canaryd::daemon {
namespace {

// How many names with a warning are remembered, so that a flood of links costs no memory.
constexpr std::size_t max_warned_names = 10'000;

std::string readable(std::string_view name) {
  return text::printable_excerpt(name, 255);
}

text::problem_list one_problem(std::string message) {
  return {text::problem{.pointer = {}, .message = std::move(message)}};
}

bool parses(std::string_view bytes) {
  return text::parse_operator_json(bytes, job::max_job_file_bytes).has_value();
}

// The copy in active/ must name a platform, because the configuration may have another usual one
// when the state is lost and the copy is all that tells of the canary.
std::string with_platform(const std::string& bytes, const job::job& spec) {
  const auto read = text::parse_operator_json(bytes, job::max_job_file_bytes);
  const auto* members = read ? read->root.if_object() : nullptr;
  const bool is_named = members != nullptr && members->contains("platform");
  return is_named || spec.platform == job::default_platform ? bytes : job::write_job_file(spec);
}

}  // namespace

intake::intake(spool where, store::store& store, std::function<std::string()> make_uid,
               job_sink accept)
    : spool_{std::move(where)},
      store_{store},
      make_uid_{std::move(make_uid)},
      accept_{std::move(accept)} {}

void intake::reconfigure(job::job_rules rules, std::map<std::string, std::string> base_urls) {
  rules_ = std::move(rules);
  base_urls_ = std::move(base_urls);
}

async::task<intake_result> intake::take(std::string name, bool may_be_unfinished) {
  if (name_before_taking(name))
    co_return co_await put_back_or_remove(std::move(name));
  if (job::is_ignored_name(name))
    co_return intake_result::settled;
  auto content = read_once(spool_.incoming() / name, job::max_job_file_bytes);
  if (!content) {
    const auto& [kind, why, identity] = content.error();
    if (kind == read_failure::vanished)
      co_return intake_result::settled;
    if (kind == read_failure::trouble)
      co_return hold(name, why);
    if (kind != read_failure::too_large)
      co_return leave(name, why);
    const auto stem = job::job_file_stem(name);
    co_return reject(name, *identity, one_problem(stem ? why : stem.error()));
  }
  const auto stem = job::job_file_stem(name);
  if (!stem)
    co_return reject(name, content->identity, one_problem(stem.error()));
  co_return co_await accept_or_reject(std::move(name), *stem, std::move(*content),
                                      may_be_unfinished);
}

async::task<intake_result> intake::put_back_or_remove(std::string taken_name) {
  const auto file = spool_.incoming() / taken_name;
  const auto content = read_once(file, job::max_job_file_bytes);
  if (!content && content.error().kind == read_failure::trouble)
    co_return hold(taken_name, content.error().text);
  if (const auto stem = job::job_file_stem(*name_before_taking(taken_name)); content && stem) {
    const auto history = co_await store_.history_of(*stem);
    if (!history)
      co_return hold(taken_name, history.error().text);
    if (history->latest && is_same_content(history->latest->source, content->identity)) {
      const auto removed = remove_taken(spool_, taken_name);
      co_return removed ? intake_result::settled : hold(taken_name, removed.error().text);
    }
  }
  const auto back = put_back(spool_, taken_name);
  // If another file has the name, that file must be settled first.
  co_return back ? intake_result::settled : hold(taken_name, back.error().text);
}

async::task<intake_result> intake::accept_or_reject(std::string name, std::string stem,
                                                    file_content content, bool may_be_unfinished) {
  const auto spec = job::parse_job_file(content.bytes, rules_);
  if (!spec && may_be_unfinished && !parses(content.bytes))
    co_return intake_result::unfinished;
  const auto history = co_await store_.history_of(stem);
  if (!history)
    co_return hold(name, history.error().text);
  if (history->latest && history->latest->source == content.identity) {
    // A daemon took the file and died before it removed it.
    const auto removed = remove_if_same(spool_.incoming() / name, content.identity);
    co_return removed ? intake_result::settled : hold(name, removed.error().text);
  }
  if (!spec)
    co_return reject(name, content.identity, spec.error());
  if (history->latest && !history->latest->has_ended)
    co_return reject(
        name, content.identity,
        one_problem(fmt::format("job {} of this name has not ended", history->latest->job_id)));
  auto digest = text::sha256_hex(content.bytes);
  if (std::ranges::find(history->promoted_digests, digest) != history->promoted_digests.end())
    co_return reject(name, content.identity,
                     one_problem("the same file under the same name was already promoted: to run "
                                 "it again, give it another name"));
  const auto accepted = co_await accept_job(std::move(stem), content, *spec, history->runs, digest);
  if (!accepted)
    co_return hold(name, accepted.error().text);
  warned_of_.erase(name);
  const auto removed = remove_if_same(spool_.incoming() / name, content.identity);
  if (!removed)
    log(severity::warning, topic::files_untidy, "job file taken but not removed",
        {{"file", name}, {"error", removed.error().text}});
  tell(name, *accepted);
  co_return intake_result::settled;
}

async::task<result<std::string>> intake::accept_job(std::string stem, const file_content& content,
                                                    job::job spec, std::int32_t earlier_runs,
                                                    std::string digest) {
  const auto run = first_free(earlier_runs + 1, [&](std::int32_t number) {
    const auto file = numbered(stem, number) + ".json";
    return is_any_there({spool_.done() / file, spool_.active() / file});
  });
  if (!run)
    co_return std::unexpected{run.error()};
  const auto id = numbered(stem, *run);
  store::job_record job;
  job.stem = std::move(stem);
  job.digest = std::move(digest);
  job.source = content.identity;
  // A reload may have taken the platform away since the file was read.
  if (const auto found = base_urls_.find(spec.platform); found != base_urls_.end())
    job.base_url = found->second;
  job.canary = canary::make_canary(id, make_uid_(), spec);
  job.spec = std::move(spec);
  const auto added = co_await store_.add(job);
  if (!added)
    co_return std::unexpected{added.error()};
  const auto copied = write_whole(spool_.active() / (id + ".json"),
                                  with_platform(content.bytes, job.spec), spool_file_mode);
  if (!copied)
    log(severity::warning, topic::files_untidy, "the copy in active/ could not be written",
        {{"job", id}, {"error", copied.error().text}});
  log(severity::info, topic::job_accepted, "job accepted",
      {{"job", id},
       platform_field(job.spec.platform),
       {"bot", job.spec.bot_id},
       {"environment", job.spec.environment_id},
       {"version", job.spec.version}});
  accept_(std::move(job));
  co_return id;
}

void intake::tell(const std::string& name, const decision& what) const {
  if (observer_)
    observer_(name, what);
}

intake_result intake::reject(const std::string& name, const store::file_identity& read,
                             const text::problem_list& problems) {
  const auto moved = reject_file(spool_, spool_.incoming() / name, read, problems);
  if (!moved)
    return hold(name, moved.error().text);
  if (!*moved)
    return intake_result::exchanged;
  const auto first = problems.empty() ? text::problem{} : problems.front();
  log(severity::warning, topic::job_rejected, "job file rejected",
      {{"file", readable(name)},
       {"problems", std::to_string(problems.size())},
       {"at", first.pointer},
       {"first", first.message}});
  warned_of_.erase(name);
  tell(name, std::unexpected{problems});
  return intake_result::settled;
}

intake_result intake::leave(const std::string& name, const std::string& why) {
  if (is_news(name))
    log(severity::warning, topic::file_left, "file in incoming/ left where it is",
        {{"file", readable(name)}, {"error", why}});
  return intake_result::left;
}

intake_result intake::hold(const std::string& name, const std::string& why) {
  if (is_news(name))
    log(severity::critical, topic::job_not_taken, "job file not taken, trying again",
        {{"file", readable(name)}, {"error", why}});
  return intake_result::held;
}

bool intake::is_news(const std::string& name) {
  return warned_of_.size() < max_warned_names && warned_of_.insert(name).second;
}

}  // namespace canaryd::daemon
