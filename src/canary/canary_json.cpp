#include "canaryd/canary/canary_json.hpp"

#include "canary_codec.hpp"
#include <algorithm>
#include <utility>
#include <variant>

namespace canaryd::canary {
namespace json = boost::json;

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

  template <class... T>
  void shift(std::variant<T...>& value) const {
    std::visit([this](auto& alternative) { this->shift(alternative); }, value);
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

json::object row_to_json(const rows::canary& row) {
  return std::move(field_writer::write(row).as_object());
}

json::object canary_to_json(const canary& current) {
  return row_to_json(to_row(current));
}

result<canary> canary_from_json(const json::value& found) {
  rows::canary row;
  field_reader in;
  in.read(found, row);
  auto problem = in.problem();
  // Any other member may be missing. Without its state, a canary must not be taken for a new one.
  if (problem.empty() && !found.get_object().contains("state"))
    problem = "/state is missing";
  if (!problem.empty())
    return failure(fault::malformed, "a stored canary: " + problem);
  return from_row(std::move(row));
}

void shift_instants(canary& moved, duration by) {
  shifter{by}.shift(moved);
}

}  // namespace canaryd::canary
