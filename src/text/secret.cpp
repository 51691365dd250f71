#include "canaryd/text/secret.hpp"

#include <openssl/crypto.h>

#include <ostream>
#include <utility>

namespace canaryd::text {

void wipe(std::string& text) {
  OPENSSL_cleanse(text.data(), text.size());
  text.clear();
}

// Copies and wipes instead of moving, because a moved-from short string keeps its bytes.
secret::secret(std::string&& text) : text_{std::as_const(text)} {
  wipe(text);
}

secret::~secret() {
  wipe(text_);
}

secret& secret::operator=(const secret& other) {
  if (this != &other) {
    wipe(text_);
    text_ = other.text_;
  }
  return *this;
}

secret::secret(secret&& other) noexcept : text_{std::move(other.text_)} {
  wipe(other.text_);
}

secret& secret::operator=(secret&& other) noexcept {
  if (this != &other) {
    wipe(text_);
    text_.swap(other.text_);
  }
  return *this;
}

bool secret::operator==(const secret& other) const {
  return text_.size() == other.text_.size() &&
         CRYPTO_memcmp(text_.data(), other.text_.data(), text_.size()) == 0;
}

std::ostream& operator<<(std::ostream& out, const secret& /*hidden*/) {
  return out << "[secret]";
}

}  // namespace canaryd::text
