#include "canaryd/daemon/tell/event_table.hpp"

#include <array>

namespace canaryd::daemon {
namespace {

// Make new ids with `systemd-id128 new`, and never change an id.
constexpr std::array<event_kind, topic_count> table{{
    {topic::ready, "541ff2c80c6c45b4802a9ea5094ef7d6", "canaryd is ready",
     "The canaries of the last run go on, and incoming/ is watched for job files.", ""},
    {topic::stopping, "925ab1aa5bbe42ea8de04661cc764b02", "canaryd stops",
     "Somebody asked it to stop. Canaries stay as they are, and the next start continues them.",
     ""},
    {topic::stopped, "a99a5fb72c5c464eb8d6e6d0db9d5525", "canaryd has stopped",
     "Everything is on disk. Canaries that were under way go on at the next start.", ""},
    {topic::left_running, "4597876ebdc04520b1a0d5c1e2929ab6", "Canaries are left as they are",
     "The daemon stops while the canary of the job in CANARY_JOB is under way; if there are more "
     "than 50, CANARY_COUNT says how many. Canaries keep their traffic, and nobody judges them "
     "until the daemon runs again.",
     "Start canaryd again soon, or roll the deployments back in Cognigy."},
    {topic::reloaded, "1bfe647a3af34d9cbf8bdc594945a4c9", "The configuration was reloaded",
     "The configuration file and the secret files were read again. Running canaries were not "
     "touched. Secrets from LoadCredential= are still those of the start.",
     ""},
    {topic::reload_refused, "c7f8cd4fab6e49e0819fd1fda7bf6823", "The new configuration was refused",
     "No part of it is in force, and the daemon keeps its old configuration. CANARY_ERROR says "
     "what is wrong. The status line, /readyz and the metric "
     "canaryd_config_last_reload_successful show this until a file is accepted.",
     "Correct the file, check it with `canaryd --check-config`, and reload again."},
    {topic::needs_restart, "097bd349b541481cafab1e0ec14dffc1", "A changed key needs a restart",
     "The key that CANARY_KEY names cannot change while the daemon runs. It keeps its old value "
     "until a restart.",
     "Run `systemctl restart canaryd`. Running canaries are not affected."},
    {topic::old_configuration, "c1700a52580441249acd627788fa97cc",
     "canaryd started with an old configuration",
     "The configuration file is refused; CANARY_ERROR says why. To keep watching its canaries, "
     "the daemon runs with the configuration that it accepted at the time in CANARY_ACCEPTED.",
     "Correct the file, check it with `canaryd --check-config`, and reload."},
    {topic::configuration_not_kept, "0fe64e9b696f4138b90343eddac76a75",
     "The accepted configuration is not kept",
     "The configuration is in force, but it could not be written to accepted-config.json in the "
     "state folder. If the configuration file is refused at the next start, the daemon starts "
     "with an older configuration, or not at all.",
     "Check the disk, then reload."},
    {topic::log_lines_lost, "6ffaddb3ad1548a798367763b5b5e882", "Lines of the log were lost",
     "Nobody read the log for a while, and too many lines waited. The least severe were dropped "
     "first. CANARY_LINES says how many. Canaries are not affected.",
     "Find out why the journal, or the program that reads standard error, was slow or stopped."},
    {topic::port_not_open, "cee364206e4a4345a07afb7a90de8c21",
     "The port of http_listen is not open",
     "Another program has the port, or the address is not one of this machine. Canaries are "
     "watched, and the control socket answers, but nobody can fetch metrics from the port. The "
     "daemon tries again every few seconds.",
     "Find the program with `ss -tlnp`, or correct http_listen and restart."},
    {topic::port_open, "b3f46e85bfa1412fab37269d183821f0", "The port of http_listen is open",
     "The port could not be opened at first, and is open now.", ""},
    {topic::exposed_secret, "d15f80e6f4254676aeec6dc636361314",
     "A secret file is open to everybody",
     "The file that holds a secret may be read by every user of this machine.",
     "Give it mode 0600. Change the secret if somebody may have read it."},
    {topic::state_corrupt, "4ff93a08273c43d0b7a20ee45e475be1",
     "The state was corrupt and is set aside",
     "The database could not be read. It is kept under the name in CANARY_FILE, and an empty one "
     "took its place. The daemon looks in Cognigy for canaries that it no longer knows, and "
     "rolls them back.",
     "Look for the cause in the disk or the file system. If a job that was rolled back is still "
     "wanted, drop its file again."},
    {topic::state_not_written, "e71586c0dbd94431bf104836868f23fb", "The state could not be written",
     "The disk below the state folder is full or fails. Canaries are still watched and rolled "
     "back if need be. Everything else waits until the disk can be written again.",
     "Make room in the state folder, or repair the disk. A restart is not needed."},
    {topic::state_restored, "647f6a55c2aa44b7abd4edb033607b27", "The state is written again",
     "What waited for the disk goes on, without a restart.", ""},
    {topic::audit_unsaved, "b3817ea218094518b7e44ee758cca5c3", "An audit record is not on disk yet",
     "The disk cannot be written. The record is in memory and in this event, and is written "
     "first when the disk works again. If the daemon is stopping, this record, or the end of the "
     "canary, is not on disk at all.",
     "Keep this event if the machine has to be restarted before the state is written again."},
    {topic::job_unreadable, "28420320caaa4264bb2842afda366ad8",
     "The stored state of a job cannot be read",
     "Its row in the state is damaged, or another version wrote something that this one does not "
     "understand. CANARY_ERROR says what. The job is left alone: it is not changed, its canary "
     "is not watched, and its bot gets no other canary.",
     "Start a version that can read the job, or promote its deployment or roll it back in "
     "Cognigy. canaryd(8) says how to take the job out of the state."},
    {topic::history_not_pruned, "265de7e244924b80b8cc62f34ed21cce",
     "Old jobs were not removed from the state",
     "Rows older than the configured retention stay for now. The daemon tries again in an hour.",
     "Check the disk if this happens again."},
    {topic::job_accepted, "e98f302306d44fb2930dc84a596ea3d2", "Job @CANARY_JOB@ was accepted",
     "The job file was read, and the job is in the state. Its canary begins when its bot has no "
     "other.",
     ""},
    {topic::job_rejected, "6c4f540c5a8d471091ebe381e0502442", "A job file was rejected",
     "The file that CANARY_FILE names is not a job that can run. It is in rejected/, and the "
     "file beside it that ends in .error.json lists every problem.",
     "Correct the file and drop it again."},
    {topic::job_not_taken, "3964edce05514fc6abf5979476fb7cea", "A job file could not be taken",
     "The job could not be written to the state, or the file could not be read or moved. It "
     "stays in incoming/, and the daemon tries again until that works.",
     "Check the disk."},
    {topic::file_left, "a757541d0ed54a829bbadbbbdf2a5d01",
     "A file in incoming/ is left where it is",
     "It is not a regular file but a link, a folder or something else, or the daemon may not "
     "read it. The daemon looks at it again every 15 seconds, but logs this only once.",
     "Remove it, or let the group canary-operators read it."},
    {topic::files_untidy, "10768bc4fb704162b6d6f60bb6107745",
     "The files of a job are not where they belong",
     "A copy or a result could not be written, moved or removed, or was put right after a crash. "
     "The state is not affected.",
     "Check the disk and the permissions of the folders if this happens again."},
    {topic::watch_lost, "7b70e434dcd1400e95a40348ea4f77b1", "incoming/ is not watched",
     "The kernel does not report new job files. The daemon looks for them itself every 15 "
     "seconds and keeps trying to watch.",
     "Raise fs.inotify.max_user_watches or fs.inotify.max_user_instances."},
    {topic::watch_restored, "9412b125dcc642abba88100462ab9c0c", "incoming/ is watched again",
     "New job files are taken at once again.", ""},
    {topic::jobs_dir_trouble, "ee9ab4f961db46968c640835fb8e1113", "jobs_dir cannot be used",
     "A folder of jobs_dir cannot be opened or written to, or jobs_dir is another daemon's. New "
     "job files and results wait. Canaries are still watched and rolled back if need be. The "
     "daemon tries again every few seconds.",
     "CANARY_ERROR names the folder and the cause. Make it a folder again that belongs to the "
     "daemon's user (`systemd-tmpfiles --create canaryd.conf`). If jobs_dir is not where the "
     "package put it, make it writable for the service with ReadWritePaths= in a drop-in. Only "
     "the drop-in needs a restart."},
    {topic::jobs_dir_restored, "d113bfc8ce0d4a0eb8f97c46452cf2b0", "jobs_dir can be used again",
     "Files that arrived meanwhile are taken now, and results are written.", ""},
    {topic::removed_underneath, "6f6c883e4b58431da04f7426b2fa049f",
     "A file of the running daemon was removed",
     "Somebody removed or replaced a file that the daemon has open. The daemon makes a control "
     "socket again at once. It writes a removed database again from the one that it has open, "
     "and is not ready until that is done.",
     "Find out who removes files there. If the database was replaced by another file, stop the "
     "daemon, decide which of the two is right, and start it again."},
    {topic::forgotten_job, "c55a71d0b8b346e48dafd53ad064c042",
     "A job that nobody remembers was found",
     "The state does not know the job of a file in active/. That job is never deployed again: "
     "its live deployment is rolled back, and the file moves to rejected/. If the live "
     "deployment belongs to another job, or may belong to one, nothing is rolled back.",
     "Drop the file again if the canary is still wanted. Find out why the state was lost, or who "
     "copied the file. If the event is critical, look in Cognigy whether the deployment that it "
     "names is wanted, and remove the file."},
    {topic::waiting, "43878c851934419695f2c27cbfbd4b45", "Job @CANARY_JOB@ waits",
     "Another canary of the same bot, or a deployment that no job owns, has to end first.",
     "If a deployment is named that no job owns, promote it or roll it back in Cognigy."},
    {topic::budget, "7fee4da68b8d4ec09e3de64ee176fc9a", "The rate budget is used up",
     "The jobs together ask for more polls than api.rate_limit allows. Polls come late, or jobs "
     "wait. Rollbacks are not affected.",
     "Ask for a higher limit, or let jobs poll less often."},
    {topic::token, "f29bbfbd0b1e4f028ad5998721a2ff41", "No access token could be obtained",
     "The token URL refused, or could not be reached. Nothing is deployed without a token.",
     "Check client id and secret, and the scopes that the client has."},
    {topic::deploy, "c3a1f510effb4633ac18c55084edbd11", "Job @CANARY_JOB@ is deployed",
     "Its canary has its share of the traffic, and its first reading falls due after one interval.",
     ""},
    {topic::deploy_unsettled, "598d0f0aec9f425db04716e7bafe11d2",
     "It is not known whether a deploy was carried out",
     "The answer was lost or was of no use. The daemon looks the deployment up before it repeats "
     "anything, so that nothing is deployed twice. If the look-ups fail provider_error_limit "
     "times in a row, this event becomes critical, and again each time that their number or the "
     "wait has doubled, and /readyz names the job.",
     "If this is critical, check in Cognigy whether a deployment of this version runs. If it is "
     "not the job's own, roll it back by hand."},
    {topic::deploy_failed, "756c65949bfe4ca9acda757a88307ffe",
     "Job @CANARY_JOB@ could not be deployed",
     "Cognigy refused it, or could not be reached. Nothing runs.",
     "The message has Cognigy's answer. Correct the job and drop it again."},
    {topic::surplus_deployment, "f83695c3ea4b409185a1bbf3b2b723e3",
     "A version was deployed more than once",
     "The oldest deployment is kept, and the others are rolled back.",
     "If this happens again for the same deployment, roll it back in Cognigy."},
    {topic::reading, "2552c5f4687c45b5b39ff3e447fa00aa", "Job @CANARY_JOB@ has a reading",
     "The message gives the canary's metrics, each with its limit, and the verdict.",
     "The daemon itself rolls back a canary that fails. Check the API if the verdict is "
     "provider_error."},
    {topic::evidence, "27fed05d5074446b8c3ed1de35426752",
     "How the answers about job @CANARY_JOB@ are counted",
     "The sequential method counts every conversation once. For each job it says once which "
     "metrics it cannot count and judges reading by reading: latencies, checks, and scores if "
     "the answers do not say how many conversations were given one. A warning says that counts "
     "became smaller: they are left out until they have caught up, and everything else is still "
     "counted and judged.",
     "If a warning is repeated, find out what the metrics of the API count."},
    {topic::provider, "45fc339e32f545a287cf67906815d195", "Cognigy gives no useful answer",
     "A call about a deployment failed, or the daemon did not understand the answer. It calls "
     "again.",
     "Check the status of the Cognigy API if this lasts."},
    {topic::unwatched, "86ac5fab33cd475b96ea118f00ec7e86",
     "Job @CANARY_JOB@ was not watched for a while",
     "The daemon or this machine did not run. One reading decides how the job goes on, and until "
     "then no gate opens.",
     ""},
    {topic::inconclusive, "15212d41b53c47cf84e1f1f83283b902",
     "A hold ended without a passing reading",
     "The newest reading is not a pass, so the canary is neither good nor bad. on_inconclusive "
     "of the job says what happens next: more readings, a promote or a rollback.",
     "Check whether the canary has conversations at all, and whether its readings lack a metric: "
     "one that is often missing can be named in analysis.optional of the job."},
    {topic::paused, "5b60bd93607e49d99418593ecdce664b", "Job @CANARY_JOB@ was paused",
     "An operator paused it. Its canary is still watched and rolled back if need be, but the "
     "clock of its hold is stopped and it is not promoted. After gate_timeout it is rolled back.",
     "Resume, promote or abort it."},
    {topic::resumed, "a6931f3cc9164251b9c09ec63a7db824", "Job @CANARY_JOB@ was resumed",
     "An operator resumed it. The clock of its hold continues from where it stopped.", ""},
    {topic::step, "4de3646bd1d9494b99909caac90fefce", "Job @CANARY_JOB@ gets more traffic",
     "Its last hold was passed. The canary has the share of the next step, or is being given it, "
     "and the step's hold begins once Cognigy confirms the share.",
     ""},
    {topic::step_unsettled, "e343ddc580a541b6b8ae433999a0e255",
     "It is not known whether the traffic was raised",
     "Cognigy did not answer, or its answer was of no use. The canary is still watched while the "
     "daemon looks up the share and repeats the change. The step's hold has not begun.",
     "Check the status of the Cognigy API if this lasts. If the call is refused, check api.calls "
     "and the scope bot:deploy."},
    {topic::gate, "d07a32c721534924bbcabd608b635bdf", "Job @CANARY_JOB@ waits for approval",
     "The hold was passed, and the job asks for an operator before the next step or the promote. "
     "Its canary is still watched and rolled back if need be, but the clock of its hold is "
     "stopped. After gate_timeout it is rolled back.",
     "`canaryctl approve` opens the gate; `canaryctl abort` rolls the canary back."},
    {topic::approved, "5796c1fa23aa4b3094f0ade9d4282c5b", "Job @CANARY_JOB@ was approved",
     "An operator approved it. The gate opens at once if the newest reading is a pass, otherwise "
     "at the next pass.",
     ""},
    {topic::aborting, "a8e59b74d75848d39fbbcc16800002ea", "Job @CANARY_JOB@ is being aborted",
     "An operator aborted it while its deploy was under way. What the deploy has made is rolled "
     "back as soon as it is known.",
     ""},
    {topic::promote, "64e466b779de45b88089808f4eae9de7", "Job @CANARY_JOB@ is being promoted",
     "Its last hold was passed, and its version becomes the stable one.", ""},
    {topic::promote_unsettled, "c230e26adaa84df6849942a9accc19b7",
     "Job @CANARY_JOB@ is not yet promoted",
     "Cognigy did not answer, or its answer was of no use. The canary is still watched while the "
     "daemon looks the promote up and repeats it. Or Cognigy has accepted the promote, but the "
     "deployment's status does not show it after 15 seconds: then the job ends promoted, with "
     "verified false in its result.",
     "Check the status of the Cognigy API if this lasts. If a promote is not verified, check in "
     "Cognigy whether the deployment is promoted, and promote it there if it is not."},
    {topic::rollback_started, "e1af4035c8e148afa595366b0cd67a63",
     "Job @CANARY_JOB@ is being rolled back",
     "CANARY_REASON says why, and the message gives the numbers.",
     "Nothing is urgent. Find out what is wrong with the version."},
    {topic::rollback_unsettled, "ae7cae3fdac34213bf7d413ca0915e4c",
     "Job @CANARY_JOB@ is not yet rolled back",
     "The daemon repeats the rollback until it succeeds. The canary may still have traffic.",
     "If this is critical, roll the deployment back in Cognigy; the daemon notices."},
    {topic::rollback_refused, "b0494dc7f9df4716b1c95a4482b1b300",
     "Job @CANARY_JOB@ had its rollback refused",
     "The daemon takes the canary's traffic away instead, and keeps asking for the rollback.",
     "Roll the deployment back in Cognigy. Check the client's scopes and api.calls."},
    {topic::rollback, "b40cb83a0cf841c191de34b0bfc7af23",
     "Job @CANARY_JOB@ had its deployment rolled back",
     "Cognigy confirmed the rollback, or no longer has the deployment.", ""},
    {topic::external_change, "80b827a706d740e685fe5372963fcfe9",
     "Job @CANARY_JOB@ was ended by somebody else",
     "The deployment was promoted or rolled back by somebody else, probably in Cognigy's console.",
     ""},
    {topic::promoted, "fdd1da1d6f1b46cbbc08c24f97c87b53", "Job @CANARY_JOB@ ended promoted",
     "Its version is the stable one. The result file is in done/.", ""},
    {topic::rolled_back, "c6268dafd4914b128f3b6693c4d6bbcf", "Job @CANARY_JOB@ ended rolled back",
     "The stable version has all traffic. The result file in done/ has the last metrics, and "
     "CANARY_REASON has the cause.",
     "Find out what is wrong with the version before you try it again."},
    {topic::failed, "0ce77468e4464a648864b69e62d17f71", "Job @CANARY_JOB@ failed",
     "Nothing of it runs. CANARY_REASON has the cause, and the result file is in done/.",
     "Correct the cause and drop the job again."},
    {topic::result_not_written, "756174b503464d829b6821e248e169c7",
     "A result file could not be written",
     "The canary has ended, and the state says how. The file in done/ is missing, and the daemon "
     "tries until it has written it.",
     "Check the disk and the permissions of done/."},
    {topic::webhook, "689b2327565a4ea0b6f92aede52533e7", "A webhook was registered",
     "Cognigy will tell the URL how the canary ended.", ""},
    {topic::webhook_missing, "ccc97089f19c49e188350e6d5f512d2b", "A webhook is not registered",
     "Cognigy refused it, or did not answer. The canary does not wait for it, and the daemon "
     "tries again in the background.",
     "Check the scope webhook:manage, and the URL."},
    {topic::audit_delayed, "111e7e0bacd44c9b9b537d73fbca39ba", "Audit records are not delivered",
     "They are on disk, and the daemon delivers them in order when Cognigy or the audit file takes "
     "them. Canaries go on.",
     "If this lasts, check the status of the Cognigy API, or the disk and the permissions of "
     "audit.file where the destination is audit:file."},
    {topic::audit_refused, "f2fb0cb069a642028a8f07b40fe454d9",
     "An audit record was refused for good",
     "It stays in the state, marked as refused, and is not sent again.",
     "Check the scope audit:write. The record is in the table deliveries of state.db."},
    {topic::audit_unreadable, "25b5299d86c64d88b87a13eee5827b54",
     "A stored audit record cannot be read",
     "Its row in the state is damaged, or another version wrote something that this one does not "
     "understand. It is kept and skipped; the other records of its job are delivered.",
     "A version that can read the record delivers it. Otherwise look at it in the table "
     "deliveries of state.db."},
    {topic::command, "2f1f5d82169249b8aa49e407040ddd85", "An operator gave a command",
     "It came over the control socket. CANARY_COMMAND says what was asked, CANARY_ACTOR who "
     "asked, and CANARY_ANSWER is the HTTP status of the answer: 2xx if it was carried out.",
     ""},
}};

consteval bool is_in_order() {
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (static_cast<std::size_t>(table[i].about) != i)
      return false;
  }
  return true;
}
static_assert(is_in_order(), "one row for each topic, in the order of topic");

}  // namespace

std::span<const event_kind> event_table() {
  return table;
}

const event_kind& describe(topic about) {
  return table[static_cast<std::size_t>(about)];
}

}  // namespace canaryd::daemon
