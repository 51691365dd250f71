#include "canaryd/text/json_parse.hpp"

#include "canaryd/text/decimal.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/error.hpp>
#include <boost/json/value_stack.hpp>
#include <openssl/crypto.h>

#include <utility>

namespace canaryd::text {
namespace json = boost::json;
namespace {

// Builds the same values as boost::json::parser, except for numbers.
struct exact_handler {
  static constexpr std::size_t max_object_size = json::object::max_size();
  static constexpr std::size_t max_array_size = json::array::max_size();
  static constexpr std::size_t max_key_size = json::string::max_size();
  static constexpr std::size_t max_string_size = json::string::max_size();

  using text = json::string_view;
  using failure = json::error_code;

  exact_handler(json::storage_ptr memory, unsigned char* buffer, std::size_t size)
      : values{std::move(memory), buffer, size} {}

  bool on_document_begin(failure&) { return true; }
  bool on_document_end(failure&) { return true; }
  bool on_object_begin(failure&) { return true; }
  bool on_object_end(std::size_t size, failure&) {
    values.push_object(size);
    return true;
  }
  bool on_array_begin(failure&) { return true; }
  bool on_array_end(std::size_t size, failure&) {
    values.push_array(size);
    return true;
  }
  bool on_key_part(text part, std::size_t, failure&) {
    values.push_chars(part);
    return true;
  }
  bool on_key(text part, std::size_t, failure&) {
    values.push_key(part);
    return true;
  }
  bool on_string_part(text part, std::size_t, failure&) {
    values.push_chars(part);
    return true;
  }
  bool on_string(text part, std::size_t, failure&) {
    values.push_string(part);
    return true;
  }
  // The text comes in one piece, so numbers never come in parts.
  bool on_number_part(text, failure&) { return true; }
  bool on_int64(std::int64_t value, text written, failure&) {
    values.push_int64(value);
    return note(written);
  }
  bool on_uint64(std::uint64_t value, text written, failure&) {
    values.push_uint64(value);
    return note(written);
  }
  bool on_double(double, text written, failure&) {
    values.push_double(note_decimal(read_decimal({written.data(), written.size()})));
    return true;
  }
  bool on_bool(bool value, failure&) {
    values.push_bool(value);
    return true;
  }
  bool on_null(failure&) {
    values.push_null();
    return true;
  }
  bool on_comment_part(text, failure&) { return true; }
  bool on_comment(text, failure&) { return true; }

  // An integer is exact, but it will be compared as a double, which may not be.
  bool note(text written) {
    constexpr std::size_t safe_size = 15;
    if (written.size() > safe_size)
      note_decimal(read_decimal({written.data(), written.size()}));
    return true;
  }
  double note_decimal(decimal found) {
    has_long_numbers |= found.beyond() != 0;
    return found;
  }

  json::value_stack values;
  bool has_long_numbers = false;
};

// Holds values until they are complete. Wiped afterwards, because the text may hold a secret.
struct scratch {
  scratch() = default;
  ~scratch() { OPENSSL_cleanse(buffer, sizeof buffer); }
  scratch(const scratch&) = delete;
  scratch& operator=(const scratch&) = delete;

  unsigned char buffer[2048];
};

}  // namespace

exact_json parse_exactly(std::string_view text, json::error_code& failure,
                         const json::storage_ptr& memory, const json::parse_options& options) {
  scratch space;
  json::basic_parser<exact_handler> parser{options, memory, space.buffer, sizeof space.buffer};
  auto& found = parser.handler();
  found.values.reset(memory);
  const auto taken = parser.write_some(false, text.data(), text.size(), failure);
  if (!failure && taken < text.size())
    failure = json::error::extra_data;
  if (failure)
    return {.root = json::value(nullptr, memory), .has_long_numbers = false, .taken = taken};
  return {
      .root = found.values.release(), .has_long_numbers = found.has_long_numbers, .taken = taken};
}

json::value parse_json(std::string_view text, json::error_code& failure) {
  return parse_exactly(text, failure).root;
}

}  // namespace canaryd::text
