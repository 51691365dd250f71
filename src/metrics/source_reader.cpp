#include "canaryd/metrics/source_reader.hpp"

#include "canaryd/async/both.hpp"

#include "source_plan.hpp"
#include "source_tasks.hpp"
#include <map>
#include <utility>

namespace canaryd::metrics {
namespace {

// Runs all of them at the same time.
async::task<> join_all(std::vector<async::task<>> tasks) {
  if (tasks.empty())
    co_return;
  auto last = std::move(tasks.back());
  tasks.pop_back();
  if (tasks.empty())
    co_await std::move(last);
  else
    co_await async::join_both(join_all(std::move(tasks)), std::move(last));
}

class source_reader final : public arm_reader {
 public:
  source_reader(std::vector<source> sources, std::vector<sourced_metric> metrics,
                std::function<double()> random)
      : sources_{std::move(sources)}, metrics_{std::move(metrics)}, random_{std::move(random)} {}

  async::task<result<judge::metrics_sample>> read(arm_query asked) override {
    auto wanted = wanted_of(asked);
    std::vector<arm_query> windows;
    windows.reserve(sources_.size());
    std::vector<async::task<>> looks;
    for (const auto& from : sources_) {
      windows.push_back(lagging(asked, from.lag));
      add_looks(from, windows.back(), wanted, looks);
    }
    co_await join_all(std::move(looks));
    co_return merge_findings(wanted);
  }

 private:
  std::vector<wanted_metric> wanted_of(const arm_query& asked) const {
    std::vector<wanted_metric> wanted;
    for (const auto& metric : metrics_) {
      if (is_wanted(metric, asked.further))
        wanted.push_back({.metric = &metric});
    }
    return wanted;
  }

  void add_looks(const source& from, const arm_query& asked, std::vector<wanted_metric>& all,
                 std::vector<async::task<>>& looks) {
    wanted_metrics wanted;
    for (auto& one : all) {
      if (one.metric->source == from.name)
        wanted.push_back(&one);
    }
    if (wanted.empty())
      return;
    const source_look look{.name = from.name, .asked = asked, .random = random_};
    if (const auto* prometheus = std::get_if<prometheus_source>(&from.kind)) {
      for (auto* one : wanted)
        looks.push_back(read_prometheus(*prometheus, look, *one));
    } else if (const auto* json = std::get_if<json_source>(&from.kind)) {
      looks.push_back(read_json(*json, look, std::move(wanted)));
    } else if (const auto* odata = std::get_if<odata_source>(&from.kind)) {
      looks.push_back(read_odata(*odata, look, std::move(wanted)));
    } else if (const auto* splitter = std::get_if<splitter_source>(&from.kind)) {
      looks.push_back(read_splitter(*splitter, look, std::move(wanted), histories_[from.name]));
    }
  }

  std::vector<source> sources_;
  std::vector<sourced_metric> metrics_;
  std::function<double()> random_;
  // Of each splitter's backends, by the source's name.
  std::map<std::string, std::map<std::string, counter_history>> histories_;
};

}  // namespace

void fail_all(const wanted_metrics& wanted, const error& problem) {
  for (auto* one : wanted)
    one->found = std::unexpected{problem};
}

result<std::unique_ptr<arm_reader>> make_source_reader(std::vector<source> sources,
                                                       std::vector<sourced_metric> metrics,
                                                       std::function<double()> random) {
  if (auto problem = problem_with(sources, metrics); !problem.empty())
    return failure(fault::refused, std::move(problem));
  return std::make_unique<source_reader>(std::move(sources), std::move(metrics), std::move(random));
}

}  // namespace canaryd::metrics
