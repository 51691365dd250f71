#include "canaryd/text/digest.hpp"

#include <gtest/gtest.h>

namespace canaryd::text {
namespace {

// The example of FIPS 180-4.
TEST(digest, sha256_of_abc) {
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
}  // namespace canaryd::text
