#include "canaryd/text/json_write.hpp"

#include "canaryd/text/text.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace canaryd::text {
namespace json = boost::json;
namespace {

class writer {
 public:
  explicit writer(json_layout layout) : indented_{layout == json_layout::indented} {}

  void write(const json::value& value) {
    if (const auto* object = value.if_object())
      write_object(*object);
    else if (const auto* array = value.if_array())
      write_array(*array);
    else if (const auto* number = value.if_double())
      text_ += shortest_decimal(*number);
    else if (const auto* text = value.if_string())
      write_text(*text);
    else
      text_ += json::serialize(value);
  }

  std::string take() { return std::move(text_) + (indented_ ? "\n" : ""); }

 private:
  // Almost every text is plain and needs no closer look.
  void write_text(std::string_view text) {
    text_ += '"';
    if (std::ranges::all_of(text, is_plain))
      text_ += text;
    else
      write_characters(text);
    text_ += '"';
  }

  static bool is_plain(char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; }

  void write_characters(std::string_view text) {
    while (!text.empty()) {
      const auto first = first_character(text);
      const auto bytes = text.substr(0, std::max<std::size_t>(first.size, 1));
      if (bytes == "\"" || bytes == "\\")
        text_ += '\\';
      if (first.is_printable())
        text_ += bytes;
      else
        write_escape(first);
      text.remove_prefix(bytes.size());
    }
  }

  // Four digits are enough: every character that is not printable is below U+10000.
  void write_escape(const character& what) {
    constexpr char32_t replacement = 0xFFFD;
    if (what.value == '\n')
      text_ += "\\n";
    else if (what.value == '\t')
      text_ += "\\t";
    else
      text_ += fmt::format("\\u{:04x}",
                           static_cast<std::uint32_t>(what.size == 0 ? replacement : what.value));
  }

  void write_object(const json::object& object) {
    open('{');
    for (const auto& member : object) {
      next_item();
      write_text(member.key());
      text_ += indented_ ? ": " : ":";
      write(member.value());
    }
    close('}', object.empty());
  }

  void write_array(const json::array& array) {
    open('[');
    for (const auto& item : array) {
      next_item();
      write(item);
    }
    close(']', array.empty());
  }

  void open(char bracket) {
    text_ += bracket;
    ++depth_;
    first_ = true;
  }

  void next_item() {
    if (!first_)
      text_ += ',';
    first_ = false;
    new_line();
  }

  void close(char bracket, bool empty) {
    --depth_;
    first_ = false;
    if (!empty)
      new_line();
    text_ += bracket;
  }

  void new_line() {
    if (!indented_)
      return;
    text_ += '\n';
    text_.append(2 * depth_, ' ');
  }

  bool indented_;
  bool first_ = true;
  std::size_t depth_ = 0;
  std::string text_;
};

}  // namespace

std::string write_json(const json::value& value, json_layout layout) {
  writer out{layout};
  out.write(value);
  return out.take();
}

}  // namespace canaryd::text
