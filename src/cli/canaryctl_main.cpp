// canaryctl, the operator's program: reads the command line and carries out one command.
#include "canaryd/cli/audit_verify.hpp"
#include "canaryd/cli/commands.hpp"
#include "canaryd/cli/site_settings.hpp"
#include "canaryd/cli/validate.hpp"
#include "canaryd/cli/watch.hpp"
#include "canaryd/text/text.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <set>
#include <string_view>
#include <system_error>

namespace {

using namespace canaryd::cli;

constexpr auto default_socket = "/run/canaryd/control.sock";
constexpr auto default_config = "/etc/canaryd/canaryd.json";

// The states of jobs that have not ended, including jobs whose stored state cannot be read
// (reference: "States and reasons").
const std::set<std::string> states_under_way{"queued",     "deploying",       "observing",
                                             "paused",     "promoting",       "rolling_back",
                                             "unreadable", "waiting_approval"};

// The same states as --help shows them, within the width of a terminal.
std::string states_text() {
  return "queued, deploying, observing, paused,\n"
         "waiting_approval, promoting, rolling_back,\nunreadable";
}

struct command_line {
  std::string socket = default_socket;
  bool json = false;
  std::vector<std::string> files;
  std::string job_id;
  std::string config;
  std::string state;
  std::string reason;
  std::string expect_state;
  std::optional<std::int64_t> expect_step;
  bool force = false;
  bool ids = false;
  bool wait = false;
  bool strict = false;
  // Carries out the command that was asked for.
  std::function<int(const control_client&, const output&)> command;
};

int run_validate(const command_line& given, const output& to) {
  const auto settings = load_site_settings(given.config.empty() ? default_config : given.config,
                                           !given.config.empty());
  if (settings)
    return validate(given.files, *settings, given.strict, to);
  for (const auto& line : settings.error())
    complain(to, "bad_configuration", line);
  return failed;
}

int run_submit(const command_line& given, const control_client& daemon, const output& to) {
  std::vector<std::string> job_ids;
  int code = submit(daemon, given.files, job_ids, to);
  if (!given.wait)
    return code;
  auto following = to;
  // The live view shows one job. Several jobs are followed one after the other, line by line.
  following.live = to.live && job_ids.size() == 1;
  const control_client quick{daemon.socket_path(), watch_time_limit};
  for (const auto& id : job_ids)
    code = std::max(code, watch_job(quick, id, following));
  return code;
}

boost::json::object command_details(const command_line& given) {
  boost::json::object details;
  if (!given.expect_state.empty())
    details["expect_state"] = given.expect_state;
  if (given.expect_step)
    details["expect_step"] = *given.expect_step;
  if (!given.reason.empty())
    details["reason"] = given.reason;
  if (given.force)
    details["force"] = true;
  return details;
}

void add_file_commands(CLI::App& program, command_line& given) {
  auto* submit = program.add_subcommand("submit", "Hand job files to the daemon");
  submit->add_option("FILE", given.files, "Job files")->required();
  submit->add_flag("--wait", given.wait,
                   "Follow the canaries to their end:\n0 promoted, 1 rolled back, 2 failed");
  submit->callback([&given] {
    given.command = [&given](const auto& daemon, const auto& to) {
      return run_submit(given, daemon, to);
    };
  });
  auto* validate =
      program.add_subcommand("validate", "Find mistakes in job files, without the daemon");
  validate->add_option("FILE", given.files, "Job files")->required();
  validate->add_option("--config", given.config,
                       "Configuration with limits and defaults\n"
                       "[/etc/canaryd/canaryd.json, if it can be read]");
  validate->add_flag("--strict", given.strict, "Exit with 2 if there are warnings");
  validate->callback([&given] {
    given.command = [&given](const auto&, const auto& to) { return run_validate(given, to); };
  });
}

void add_audit(CLI::App& program, command_line& given) {
  auto* audit = program.add_subcommand("audit", "Look at audit files, without the daemon");
  audit->require_subcommand(1);
  auto* verify = audit->add_subcommand("verify", "Look for changed, missing and swapped lines");
  verify->add_option("FILE", given.files, "Audit files of one chain, in any order")->required();
  verify->callback([&given] {
    given.command = [&given](const auto&, const auto& to) { return verify_audit(given.files, to); };
  });
}

void add_list(CLI::App& program, command_line& given) {
  auto* list = program.add_subcommand("list", "Show the canaries under way as a table");
  list->add_flag("--ids", given.ids, "Show only their ids, one on each line");
  list->add_option("--state", given.state, "Show only those in this state:\n" + states_text())
      ->option_text("STATE")
      ->check(CLI::IsMember{states_under_way});
  list->callback([&given] {
    given.command = [&given](const auto& daemon, const auto& to) {
      return list_jobs(daemon, given.ids ? list_form::ids : list_form::table, given.state, to);
    };
  });
}

void add_looks(CLI::App& program, command_line& given) {
  using look = exit_code (*)(const control_client&, const std::string&, const output&);
  const auto add = [&](const char* name, const char* text, look show) {
    auto* command = program.add_subcommand(name, text);
    command->add_option("JOB", given.job_id, "Id of the job")->required();
    command->callback([&given, show] {
      given.command = [&given, show](const auto& daemon, const auto& to) {
        return show(daemon, given.job_id, to);
      };
    });
  };
  add("show", "Show one canary", show_job);
  add("history", "Show the readings of a canary", show_history);
  auto* watch = program.add_subcommand("watch", "Follow one canary to its end, or all of them");
  watch->add_option("JOB", given.job_id, "Id of the job. Without it, all are shown");
  watch->callback([&given] {
    given.command = [&given](const auto& daemon, const auto& to) {
      const control_client quick{daemon.socket_path(), watch_time_limit};
      return given.job_id.empty() ? watch_jobs(quick, to) : watch_job(quick, given.job_id, to);
    };
  });
  program.add_subcommand("status", "Show how the daemon is doing")->callback([&given] {
    given.command = [](const auto& daemon, const auto& to) { return show_status(daemon, to); };
  });
  program.add_subcommand("reload", "Make the daemon read its configuration again")
      ->callback([&given] {
        given.command = [](const auto& daemon, const auto& to) { return reload(daemon, to); };
      });
}

void add_commands(CLI::App& program, command_line& given) {
  const auto add = [&](const char* name, const char* text) {
    auto* command = program.add_subcommand(name, text);
    command->add_option("JOB", given.job_id, "Id of the job")->required();
    const bool promotes = std::string_view{name} == "promote";
    command->add_option(
        "--reason", given.reason,
        promotes ? "Your reason, for the journal" : "Your reason, for the audit record");
    if (promotes)
      command->add_flag("--force", given.force,
                        "Promote even if the newest reading is a breach,\nor if there is none");
    command
        ->add_option("--expect-state", given.expect_state,
                     "Do it only if the job is in this state:\n" + states_text())
        ->option_text("STATE")
        ->check(CLI::IsMember{states_under_way});
    command->add_option("--expect-step", given.expect_step, "Do it only if the job is at this step")
        ->check(CLI::PositiveNumber);
    command->callback([&given, name] {
      given.command = [&given, name](const auto& daemon, const auto& to) {
        return send_command(daemon, name, given.job_id, command_details(given), to);
      };
    });
  };
  add("abort", "End a canary and roll it back");
  add("pause", "Stop raising traffic and promoting, until resumed");
  add("resume", "Go on after a pause");
  add("approve", "Open the gate that a canary waits at");
  add("promote", "Promote a canary now, without waiting for the end");
}

int run(int argc, char** argv) {
  command_line given;
  CLI::App program{"canaryctl: shows and commands the canaries of canaryd"};
  program.name("canaryctl");
  program.add_option("--socket", given.socket, "Control socket of the daemon")
      ->envname("CANARYD_SOCKET")
      ->capture_default_str();
  program.add_flag("--json", given.json, "Write JSON instead of text");
  program.set_version_flag("--version", std::string{"canaryctl "} + CANARYD_VERSION);
  // The program's own options may also follow the command.
  program.fallthrough();
  program.require_subcommand(1);
  add_file_commands(program, given);
  add_audit(program, given);
  add_list(program, given);
  add_looks(program, given);
  add_commands(program, given);
  try {
    program.parse(argc, argv);
  } catch (const CLI::RequiredError& error) {
    // If a word is no command, CLI11 only says that a command is missing.
    if (const auto unknown = program.remaining();
        program.get_subcommands().empty() && !unknown.empty()) {
      std::fprintf(stderr, "canaryctl: there is no command %s. --help lists all commands.\n",
                   canaryd::text::printable(unknown.front()).c_str());
      return usage;
    }
    program.exit(error);
    return usage;
  } catch (const CLI::ParseError& error) {
    return program.exit(error) == 0 ? fine : usage;
  }
  return given.command(control_client{given.socket}, make_output(given.json));
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::system_error& error) {
    std::fprintf(stderr, "canaryctl: cannot write the output: %s\n",
                 error.code().message().c_str());
    return failed;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "canaryctl: this is a defect of canaryctl: %s\n", error.what());
    return failed;
  }
}
