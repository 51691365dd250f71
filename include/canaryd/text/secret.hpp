// A text that must never be seen: a client secret, an access token, a webhook secret.
#pragma once

#include <iosfwd>
#include <string>
#include <string_view>

namespace canaryd::text {

// Overwrites a text, so that it is nowhere in memory once the string is gone, and empties it.
void wipe(std::string& text);

// Wipes a text when its scope ends, however it ends.
class wiped_at_end {
 public:
  explicit wiped_at_end(std::string& text) : text_{text} {}
  ~wiped_at_end() { wipe(text_); }
  wiped_at_end(const wiped_at_end&) = delete;
  wiped_at_end& operator=(const wiped_at_end&) = delete;

 private:
  std::string& text_;
};

// Holds one secret text and wipes its memory when it is replaced, moved from or destroyed. It
// cannot be formatted by fmt, and a stream shows "[secret]"; reveal() is the one way to the text.
class secret {
 public:
  secret() = default;
  // Takes the text over and wipes what it was given.
  explicit secret(std::string&& text);
  // Copies; the caller's text is the caller's to wipe.
  explicit secret(std::string_view text) : text_{text} {}
  ~secret();
  secret(const secret&) = default;
  secret& operator=(const secret& other);
  secret(secret&& other) noexcept;
  secret& operator=(secret&& other) noexcept;

  std::string_view reveal() const { return text_; }
  bool empty() const { return text_.empty(); }

  // In constant time for texts of equal length.
  bool operator==(const secret& other) const;

  friend std::ostream& operator<<(std::ostream& out, const secret& hidden);

 private:
  std::string text_;
};

}  // namespace canaryd::text
