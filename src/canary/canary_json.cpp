#include "canaryd/canary/canary_json.hpp"

#include "canary_codec.hpp"
#include <algorithm>
#include <utility>

namespace canaryd::canary {
namespace json = boost::json;

std::string_view to_string(operation what) {
  switch (what) {
    case operation::check_version:
      return "check_version";
    case operation::look_up:
      return "look_up";
    case operation::register_webhook:
      return "register_webhook";
    case operation::deploy:
      return "deploy";
    case operation::read_status:
      return "read_status";
    case operation::change_traffic:
      return "change_traffic";
    case operation::promote:
      return "promote";
    case operation::rollback:
      return "rollback";
    case operation::remove_traffic:
      return "remove_traffic";
    case operation::rollback_surplus:
      return "rollback_surplus";
    case operation::read_surplus:
      return "read_surplus";
  }
  return "";
}

namespace {

class shifter {
 public:
  explicit shifter(duration by) : by_{by} {}

  void shift(instant& then) const {
    if (then == instant{} || then == instant::max())
      return;
    duration::rep moved = 0;
    if (__builtin_add_overflow(then.time_since_epoch().count(), by_.count(), &moved))
      moved = by_ > duration::zero() ? longest_time.count() : -longest_time.count();
    then = instant{std::clamp(duration{moved}, -longest_time, longest_time)};
  }

  template <class T>
  void shift(std::optional<T>& value) const {
    if (value)
      shift(*value);
  }

  template <class T>
  void shift(std::vector<T>& list) const {
    for (auto& item : list)
      shift(item);
  }

  template <text::described T>
  void shift(T& value) const {
    text::each_field(value, [this](const char*, auto& field) { this->shift(field); });
  }

  template <class T>
    requires(!text::described<T>)
  void shift(T&) const {}

 private:
  duration by_;
};

}  // namespace

json::object canary_to_json(const canary& current) {
  return std::move(field_writer::write(current).as_object());
}

result<canary> canary_from_json(const json::value& found) {
  canary made;
  field_reader in;
  in.read(found, made);
  auto problem = in.problem();
  // Every other member may be as it began. A canary whose state nobody knows is not a new one.
  if (problem.empty() && !found.get_object().contains("state"))
    problem = "/state is missing";
  if (!problem.empty())
    return std::unexpected{error{.kind = fault::malformed, .text = "a stored canary: " + problem}};
  return made;
}

void shift_instants(canary& moved, duration by) {
  shifter{by}.shift(moved);
}

}  // namespace canaryd::canary
