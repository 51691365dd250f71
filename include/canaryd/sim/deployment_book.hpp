// The deployments of the simulated API, and the conversations that they receive.
#pragma once

#include "canaryd/sim/conversations.hpp"
#include "canaryd/sim/moment.hpp"
#include "canaryd/sim/profile.hpp"

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace canaryd::sim {

enum class deployment_status : std::uint8_t { active, promoted, rolled_back };
std::string_view to_string(deployment_status status);

// One state of a deployment and its cause: the call's name, or "external promote", "external
// rollback" or "external deploy".
struct deployment_change {
  moment when;
  deployment_status status = deployment_status::active;
  double canary_percent = 0.0;
  std::string cause;
};

struct deployment_record {
  std::string id;
  std::string bot_id;
  std::string environment_id;
  std::string version;
  deployment_status status = deployment_status::active;
  double canary_percent = 0.0;
  double max_traffic_percentage = 100.0;
  // Empty if the deploy had none.
  std::string idempotency_key;
  // True if its promote was accepted but is not done yet.
  bool is_being_promoted = false;
  // The first is the deploy; the first thousand changes are kept.
  std::vector<deployment_change> history;

  moment created() const { return history.front().when; }
};

struct bot_settings {
  // Conversations per minute over both arms. If absent, traffic_options::arrivals_per_minute
  // counts.
  std::optional<double> arrivals_per_minute;
  std::string stable_version = "stable";
  // What the `versions` call lists besides the versions deployed so far.
  std::vector<std::string> versions;
};

struct traffic_options {
  std::uint64_t seed = 1;
  // Makes ids numbers that are too large for a double, instead of dep-1, dep-2, …
  bool numeric_ids = false;
  double arrivals_per_minute = 6000.0;
  std::map<std::string, bot_settings> bots;
  std::vector<profile_rule> profiles;
};

enum class traffic_arm : std::uint8_t { stable, canary };

// Stable traffic begins a day before `start`. A canary has conversations from its deploy until it
// is promoted or rolled back. A promoted version becomes the stable one of its bot.
class deployment_book {
 public:
  deployment_book(traffic_options options, instant start);

  // Stores a deployment as active, under a new id. Sets `status`, `id` and `history` of `asked`.
  deployment_record& open(deployment_record asked, std::string cause, moment when);

  // Change what differs, and the traffic with it.
  void set_status(deployment_record& changed, deployment_status status, std::string cause,
                  moment when);
  void set_traffic(deployment_record& changed, double canary_percent, std::string cause,
                   moment when);

  // Returns nullptr if there is none.
  deployment_record* find(std::string_view id);

  // The oldest comes first. An empty environment means all of them.
  std::vector<const deployment_record*> of_bot(std::string_view bot_id,
                                               std::string_view environment_id) const;

  // All deployments, in order of their deploys; references stay valid.
  const std::deque<deployment_record>& all() const { return deployments_; }

  // What the `versions` call lists.
  std::vector<std::string> versions(const std::string& bot_id) const;

  struct metrics_question {
    std::string bot_id;
    // Empty means all environments. Stable traffic has no environment.
    std::string environment_id;
    traffic_arm arm = traffic_arm::canary;
    std::chrono::seconds window{};
    // The age at which a conversation first counts.
    duration delay{};
  };

  // The conversations of a window that ends at the last whole second before `now` minus the delay.
  // Even an unknown bot has stable traffic, but new bots beyond a million have none.
  conversation_totals conversations(const metrics_question& question, instant now);

 private:
  // One version's share of a bot's traffic from some time on.
  struct flow {
    traffic_arm arm = traffic_arm::stable;
    std::string environment_id;
    std::string version;
    double percent = 100.0;
    // When the version's life began, for the phases of its profile.
    duration version_since{};
  };
  struct arm_stream {
    traffic_arm arm = traffic_arm::stable;
    std::string environment_id;
    conversation_stream conversations;
  };
  struct bot_record {
    flow stable;
    double arrivals_per_minute = 0.0;
    std::uint64_t streams_made = 0;
    std::vector<std::size_t> deployments;
    std::vector<arm_stream> streams;
  };
  struct text_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };
  template <class Value>
  using text_map = std::unordered_map<std::string, Value, text_hash, std::equal_to<>>;

  bot_record& bot_of(const std::string& bot_id);
  duration since_start(instant when) const { return when - start_; }
  void remember(deployment_record& changed, std::string cause, moment when);
  void redirect_traffic(const std::string& bot_id, duration from);
  void start_flow(bot_record& bot, const std::string& bot_id, const flow& started,
                  duration from) const;

  traffic_options options_;
  instant start_;
  std::deque<deployment_record> deployments_;
  text_map<std::size_t> by_id_;
  text_map<bot_record> bots_;
};

}  // namespace canaryd::sim
