// Holds a text that must never be shown: a client secret, an access token, a webhook secret.
#pragma once

#include <iosfwd>
#include <string>
#include <string_view>

namespace canaryd::text {

// Overwrites a text in memory and empties it.
void wipe(std::string& text);

// Wipes a text at the end of its scope.
class wiped_at_end {
 public:
  explicit wiped_at_end(std::string& text) : text_{text} {}
  ~wiped_at_end() { wipe(text_); }
  wiped_at_end(const wiped_at_end&) = delete;
  wiped_at_end& operator=(const wiped_at_end&) = delete;

 private:
  std::string& text_;
};

// Holds one secret text and wipes its memory when it is replaced, moved from or destroyed. fmt
// cannot format it, and a stream shows "[secret]"; only reveal() gives the text.
class secret {
 public:
  secret() = default;
  // Copies the text and wipes the caller's.
  explicit secret(std::string&& text);
  // Copies the text. The caller must wipe its own.
  explicit secret(std::string_view text) : text_{text} {}
  ~secret();
  secret(const secret&) = default;
  secret& operator=(const secret& other);
  secret(secret&& other) noexcept;
  secret& operator=(secret&& other) noexcept;

  std::string_view reveal() const { return text_; }
  bool empty() const { return text_.empty(); }

  // Takes constant time for texts of equal length.
  bool operator==(const secret& other) const;

  friend std::ostream& operator<<(std::ostream& out, const secret& hidden);

 private:
  std::string text_;
};

}  // namespace canaryd::text
