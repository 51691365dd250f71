#include "canaryd/daemon/reloading.hpp"

#include "canaryd/async/clock.hpp"
#include "canaryd/daemon/accepted_config.hpp"
#include "canaryd/daemon/config/secrets.hpp"
#include "canaryd/daemon/tell/log.hpp"
#include "canaryd/daemon/tell/notify.hpp"
#include "canaryd/text/wall_text.hpp"

#include <utility>

namespace canaryd::daemon {

reloader::reloader(std::string file, credential_sources sources, app& running, https_pools& pools)
    : file_{std::move(file)}, sources_{std::move(sources)}, app_{running}, pools_{pools} {}

void reloader::began_with(const std::string& text) {
  keep(text);
}

void reloader::began_without_file(std::vector<std::string> problems, wall_time accepted_at) {
  const auto since = text::format_wall_time(accepted_at);
  for (const auto& line : problems)
    log(severity::critical, topic::old_configuration,
        "the configuration file is refused, starting with the one accepted before",
        {{"accepted", since}, {"error", line}});
  app_.configuration() = config_health{accepted_at};
  app_.configuration().refused(std::move(problems));
}

reload_outcome reloader::reload() {
  notify_reloading();
  auto outcome = take_over();
  notify_ready();
  return outcome;
}

reload_outcome reloader::take_over() {
  auto wanted = load_config(file_, sources_);
  if (!wanted)
    return refuse(reload_effect::file_refused, std::move(wanted.error()));
  auto merged = app_.merge(wanted->settings, wanted->keys);
  if (!merged)
    return refuse(reload_effect::not_now, {std::move(merged.error().text)});
  reload_outcome outcome;
  outcome.needs_restart = keys_that_need_restart(app_.settings(), wanted->settings);
  // Nothing can fail from here on.
  pools_.adopt(std::move(wanted->https));
  app_.adopt(*std::move(merged), wanted->keys);
  app_.configuration().accepted(async::clock::wall_now(), outcome.needs_restart);
  open_log(app_.settings().log.target, app_.settings().log.level);
  warn_of_exposed(wanted->keys);
  for (const auto& key : outcome.needs_restart)
    log(severity::warning, topic::needs_restart, "a changed key needs a restart", {{"key", key}});
  keep(wanted->text);
  log(severity::info, topic::reloaded, "configuration reloaded");
  return outcome;
}

reload_outcome reloader::refuse(reload_effect effect, std::vector<std::string> problems) {
  for (const auto& line : problems)
    log(severity::error, topic::reload_refused, "reload refused, going on as before",
        {{"error", line}});
  app_.configuration().refused(problems);
  return {.effect = effect, .problems = std::move(problems), .needs_restart = {}};
}

void reloader::keep(const std::string& text) {
  const auto kept = keep_accepted(app_.settings().state_dir, file_, text, async::clock::wall_now());
  if (!kept)
    log(severity::warning, topic::configuration_not_kept,
        "the accepted configuration is not kept for the next start",
        {{"error", kept.error().text}});
}

}  // namespace canaryd::daemon
