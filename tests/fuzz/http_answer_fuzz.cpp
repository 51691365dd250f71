// Any bytes as what a server sends: read in pieces as in one go, judged, and decoded as the answer
// of every call.
#include "canaryd/net/response_reader.hpp"
#include "canaryd/platform/answer.hpp"
#include "canaryd/platform/deployments/codec.hpp"
#include "canaryd/platform/token/token_codec.hpp"
#include "canaryd/text/text.hpp"

#include "require.hpp"
#include <array>
#include <cmath>
#include <cstdint>
#include <optional>

namespace canaryd::fuzz {
namespace {

constexpr std::size_t body_limit = 1UL << 20U;
constexpr std::string_view secret = "s3cret/token";

// Nothing where the server sent no whole answer, or none that can be read.
std::optional<net::response> read_in_pieces(std::string_view bytes, std::size_t piece,
                                            net::answer_shape shape) {
  net::response_reader reader{body_limit};
  reader.begin(shape);
  std::string pending;
  while (!reader.finished() && !bytes.empty()) {
    pending += bytes.substr(0, piece);
    bytes.remove_prefix(std::min(piece, bytes.size()));
    const auto taken = reader.feed(pending);
    if (!taken)
      return std::nullopt;
    require(*taken <= pending.size(), "no more is taken than was given");
    pending.erase(0, *taken);
  }
  if (!reader.feed_end() || !reader.finished())
    return std::nullopt;
  reader.keep_alive();
  return reader.take();
}

bool are_equal(const net::response& left, const net::response& right) {
  const auto same = [](const net::header& one, const net::header& other) {
    return one.name == other.name && one.value == other.value;
  };
  return left.status == right.status && left.body == right.body &&
         std::ranges::equal(left.headers, right.headers, same);
}

bool is_within(const std::optional<double>& value, double least, double most) {
  return !value || (std::isfinite(*value) && *value >= least && *value <= most);
}

void require_printable(std::string_view text) {
  require(text::printable_excerpt(text, text.size()) == text, "what may be logged can be printed");
}

void decode_metrics(std::string_view body) {
  const std::vector<std::string> further{"p95", "handover_rate"};
  const auto sample = platform::deployments::parse_metrics(body, further);
  if (!sample)
    return require_printable(sample.error());
  require(is_within(sample->error_rate, 0, 1), "an error rate is 0..1");
  require(is_within(sample->satisfaction_score, 0, 5), "a satisfaction score is 0..5");
  require(is_within(sample->avg_latency_ms, 0, HUGE_VAL), "a latency is finite and not negative");
  require(sample->conversation_count.value_or(0) >= 0, "a count is not negative");
  require(sample->satisfaction_count.value_or(0) >= 0, "a count is not negative");
  require(sample->further.size() <= further.size(), "a metric is there once");
  for (const auto& [name, value] : sample->further)
    require(std::isfinite(value), "a further metric is finite");
}

void decode_token(std::string_view body) {
  const auto grant = platform::parse_token(body);
  if (!grant)
    return require_printable(grant.error());
  require(!grant->token.reveal().empty(), "a token is not empty");
  require(grant->life > duration::zero(), "a token lives");
}

void decode_deployments(std::string_view body) {
  if (const auto id = platform::deployments::parse_deployed(body))
    require_printable(*id);
  if (const auto found = platform::deployments::parse_deployment(body))
    require(is_within(found->canary_percent, 0, 100), "a share is 0..100");
  if (const auto found = platform::deployments::parse_deployments(body)) {
    for (const auto& each : found->items) {
      require(!each.id.empty(), "a deployment in a list has an id");
      require_printable(each.id);
      require_printable(each.status);
      require(is_within(each.canary_percent, 0, 100), "a share is 0..100");
    }
  }
}

void decode(std::string_view body) {
  decode_metrics(body);
  decode_token(body);
  decode_deployments(body);
  const auto webhooks = platform::deployments::parse_webhooks(body);
  const auto versions = platform::deployments::parse_versions(body);
  require(webhooks || !webhooks.error().empty(), "a refused body has a reason");
  require(versions || !versions.error().empty(), "a refused body has a reason");
}

void require_tellable(const error& problem) {
  require(!problem.text.empty(), "an error has a text");
  require(!problem.text.contains(secret), "no error holds a secret");
  require_printable(problem.text);
  require(problem.retry_after.value_or(duration::zero()) >= duration::zero(),
          "nobody can be asked to come back earlier");
}

void judge(const net::response& answer) {
  const std::vector<std::string> scopes{"bot:deploy"};
  const platform::answer_context context{
      .scopes = scopes, .secrets = {secret}, .now = wall_time{std::chrono::days{20'000}}};
  for (std::size_t place = 0; place < platform::call_count; ++place) {
    const auto which = static_cast<platform::call>(place);
    const auto body = platform::read_answer(which, answer, context);
    if (!body)
      require_tellable(body.error());
    require_tellable(platform::unusable_body(which, "not what it should be", answer.body, context));
  }
  decode(answer.body);
}

void read_answer(std::string_view bytes) {
  for (const auto shape : {net::answer_shape::with_body, net::answer_shape::header_only}) {
    const auto whole = read_in_pieces(bytes, bytes.size() + 1, shape);
    for (const std::size_t piece : {1UL, 7UL}) {
      const auto other = read_in_pieces(bytes, piece, shape);
      require(whole.has_value() == other.has_value() && (!whole || are_equal(*whole, *other)),
              "an answer is the same however it is cut into pieces");
    }
    if (whole)
      judge(*whole);
  }
  decode(bytes);
}

}  // namespace
}  // namespace canaryd::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  canaryd::fuzz::read_answer(canaryd::fuzz::as_text(data, size));
  return 0;
}
