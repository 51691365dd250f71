// Takes the placeholders out of a template's text, one after the other.
#pragma once

#include "canaryd/metrics/text_template.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace canaryd::metrics {

class template_scan {
 public:
  explicit template_scan(std::string_view text) : left_{text} {}

  bool at_end() const { return left_.empty() || !problem_.empty(); }
  char front() const { return left_.front(); }
  // What has been taken as text up to now, without the placeholders.
  std::string_view taken() const { return whole_; }
  std::string_view left() const { return left_; }

  // Takes characters as they are.
  void take(std::size_t count = 1);
  // Takes a placeholder. Requires that an opening brace is next.
  void take_placeholder(encoding how);
  // Whether "{name}" is next, whatever the name.
  bool is_at_name() const;

  void complain(std::string what);
  result<text_template> finish();

 private:
  std::string_view left_;
  std::string text_;
  std::string whole_;
  std::vector<text_template::piece> pieces_;
  std::string problem_;
};

}  // namespace canaryd::metrics
