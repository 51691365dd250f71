#include "canaryd/platform/json_answer.hpp"

#include "canaryd/text/json_parse.hpp"
#include "canaryd/text/json_text.hpp"
#include "canaryd/text/text.hpp"

#include <boost/json/memory_resource.hpp>
#include <fmt/format.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <limits>
#include <new>
#include <utility>
#include <vector>

namespace canaryd::platform {
namespace {

constexpr std::size_t max_depth = 32;

// Returns nullptr if the key is absent or its value is null.
const boost::json::value* find(const boost::json::object& from, std::string_view key) {
  const auto* found = from.if_contains(key);
  return found == nullptr || found->is_null() ? nullptr : found;
}

std::optional<std::string_view> as_text(const boost::json::value& from) {
  if (!from.is_string())
    return std::nullopt;
  return std::string_view{from.get_string()};
}

bool is_digits(const std::optional<std::string_view>& text) {
  return text && std::ranges::all_of(*text, [](char byte) { return byte >= '0' && byte <= '9'; });
}

std::optional<double> as_number(const boost::json::value& from) {
  if (!from.is_number())
    return std::nullopt;
  return from.to_number<double>();
}

// Collects them in the order in which they are written.
void collect_numbers(const boost::json::value& from,
                     std::vector<const boost::json::value*>& found) {
  if (from.is_number()) {
    found.push_back(&from);
  } else if (from.is_array()) {
    for (const auto& element : from.get_array())
      collect_numbers(element, found);
  } else if (from.is_object()) {
    for (const auto& member : from.get_object())
      collect_numbers(member.value(), found);
  }
}

// Ids and words go into URLs and log lines, so they must be short and printable.
bool is_plain(std::string_view text) {
  constexpr std::size_t longest = 4096;
  return text.size() <= longest && text::printable_excerpt(text, longest) == text;
}

// Memory of the heap that is wiped when it is given back. Each piece remembers its size, because
// Boost's monotonic_resource gives back less than it was given (1.81).
class wiped_heap final : public boost::json::memory_resource {
  static constexpr std::size_t header = alignof(std::max_align_t);

  void* do_allocate(std::size_t bytes, std::size_t alignment) override {
    if (alignment > header)
      throw std::bad_alloc{};
    const auto size = header + bytes;
    auto* const whole = static_cast<std::byte*>(::operator new(size));
    std::memcpy(whole, &size, sizeof size);
    return whole + header;
  }
  void do_deallocate(void* place, std::size_t, std::size_t) override {
    auto* const whole = static_cast<std::byte*>(place) - header;
    std::size_t size = 0;
    std::memcpy(&size, whole, sizeof size);
    OPENSSL_cleanse(whole, size);
    ::operator delete(whole);
  }
  bool do_is_equal(const boost::json::memory_resource& other) const noexcept override {
    return this == &other;
  }
};

wiped_heap& the_wiped_heap() {
  static wiped_heap heap;
  return heap;
}

}  // namespace

json_answer::json_answer(std::string_view body)
    : memory_{buffer_, sizeof buffer_, &the_wiped_heap()} {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (body.starts_with(byte_order_mark))
    body.remove_prefix(byte_order_mark.size());
  body_ = body;
  if (body.empty())
    complain("not JSON (the body is empty)");
  else
    parse(body);
  if (ok())
    refuse_infinities(root_);
  if (const auto twice = text::find_duplicate_key(body); twice && ok())
    complain(fmt::format("the key {} appears twice", text::printable_excerpt(*twice, 60)));
  if (!ok())
    root_ = nullptr;
}

json_answer::~json_answer() {
  OPENSSL_cleanse(buffer_, sizeof buffer_);
}

void json_answer::parse(std::string_view body) {
  boost::json::error_code ec;
  boost::json::parse_options options;
  options.max_depth = max_depth;
  auto parsed = text::parse_exactly(body, ec, &memory_, options);
  root_ = std::move(parsed.root);
  has_long_numbers_ = parsed.has_long_numbers;
  if (ec)
    complain(fmt::format("not JSON ({})", ec.message()));
}

const boost::json::object* json_answer::object(const boost::json::value& from,
                                               std::string_view name) {
  if (from.is_object())
    return &from.get_object();
  complain(fmt::format("{} is not an object", name));
  return nullptr;
}

const boost::json::array* json_answer::items() {
  static const boost::json::array none;
  const auto* found = &root_;
  if (root_.is_object())
    found = root_.get_object().if_contains("items");
  if (found != nullptr && found->is_null())
    return &none;
  if (found != nullptr && found->is_array())
    return &found->get_array();
  complain("it is neither an array nor an object with an array named items");
  return nullptr;
}

std::optional<double> json_answer::number(const boost::json::object& from, std::string_view key,
                                          double least, double most) {
  const auto* found = find(from, key);
  if (found == nullptr)
    return std::nullopt;
  const auto value = as_number(*found);
  if (!value) {
    complain(fmt::format("{} is not a number", key));
    return std::nullopt;
  }
  if (*value < least || *value > most) {
    const auto bound =
        std::isinf(most) ? fmt::format("at least {}", least) : fmt::format("{} to {}", least, most);
    complain(fmt::format("{} is {}, allowed is {}", key, *value, bound));
    return std::nullopt;
  }
  return value;
}

std::optional<text::decimal> json_answer::decimal(const boost::json::object& from,
                                                  std::string_view key, double least, double most) {
  const auto value = number(from, key, least, most);
  if (!value)
    return std::nullopt;
  const auto written = has_long_numbers_ ? as_written(from.at(key)) : std::nullopt;
  const auto found = written ? text::read_decimal(*written) : text::decimal{*value};
  const bool is_outside = text::compare(found, least) < 0 || text::compare(found, most) > 0;
  if (!is_outside)
    return found;
  complain(fmt::format("{} is just {} {}", key, *value == least ? "below" : "above", *value));
  return std::nullopt;
}

std::optional<std::int64_t> json_answer::count(const boost::json::object& from,
                                               std::string_view key) {
  // No bot has so many conversations, and sums and e-values of them are still exact.
  constexpr double most = 1e12;
  const auto value = number(from, key, 0.0, most);
  if (!value)
    return std::nullopt;
  if (*value != std::floor(*value)) {
    complain(fmt::format("{} is {}, allowed are whole numbers", key, *value));
    return std::nullopt;
  }
  return static_cast<std::int64_t>(*value);
}

template <class Read>
std::string json_answer::agreed(const boost::json::object& from,
                                std::initializer_list<std::string_view> keys,
                                std::string_view wanted, const Read& read) {
  std::string_view agreed;
  for (const auto key : keys) {
    const auto* found = find(from, key);
    if (found == nullptr)
      continue;
    const std::optional<std::string_view> value = read(*found);
    if (!value || !is_plain(*value)) {
      complain(fmt::format("{} is not {}", key, wanted));
      return {};
    }
    if (!agreed.empty() && agreed != *value) {
      complain(fmt::format("{} contradicts {}", key, *keys.begin()));
      return {};
    }
    agreed = *value;
  }
  return std::string{agreed};
}

std::string json_answer::text(const boost::json::object& from,
                              std::initializer_list<std::string_view> keys) {
  return agreed(from, keys, "a plain text", as_text);
}

std::string json_answer::word(const boost::json::object& from,
                              std::initializer_list<std::string_view> keys) {
  return agreed(from, keys, "a plain text or a number", [this](const boost::json::value& found) {
    return found.is_number() ? as_written(found) : as_text(found);
  });
}

std::string json_answer::id(const boost::json::object& from,
                            std::initializer_list<std::string_view> keys) {
  return agreed(from, keys, "a plain text or a whole number",
                [this](const boost::json::value& found) {
                  const auto written = found.is_number() ? as_written(found) : as_text(found);
                  return found.is_number() && !is_digits(written) ? std::nullopt : written;
                });
}

std::string json_answer::written_number(const boost::json::value& number) {
  return std::string{as_written(number).value_or("")};
}

std::optional<std::string_view> json_answer::as_written(const boost::json::value& number) {
  if (numbers_.empty()) {
    std::vector<const boost::json::value*> values;
    collect_numbers(root_, values);
    const auto texts = text::number_texts(body_);
    for (std::size_t i = 0; i < std::min(values.size(), texts.size()); ++i)
      numbers_.emplace(values[i], texts[i]);
  }
  const auto found = numbers_.find(&number);
  return found == numbers_.end() ? std::nullopt : std::optional{found->second};
}

text::secret json_answer::take_secret(std::string_view key) {
  auto& text = root_.as_object().at(key).as_string();
  text::secret taken{std::string_view{text}};
  OPENSSL_cleanse(text.data(), text.size());
  return taken;
}

void json_answer::complain(std::string what) {
  if (problem_.empty())
    problem_ = std::move(what);
}

void json_answer::refuse_infinities(const boost::json::value& from) {
  if (from.is_double() && !std::isfinite(from.get_double())) {
    complain("a number is out of range");
  } else if (from.is_array()) {
    for (const auto& element : from.get_array())
      refuse_infinities(element);
  } else if (from.is_object()) {
    for (const auto& member : from.get_object())
      refuse_infinities(member.value());
  }
}

}  // namespace canaryd::platform
