// Any bytes as the file of the state: used, or moved aside, or refused in words.
#include "require.hpp"
#include "state_use.hpp"
#include <cstdint>
#include <fstream>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace canaryd::fuzz;
  static const state_folder folder;
  folder.clear();
  std::ofstream{folder.file(), std::ios::binary} << as_text(data, size);
  open_and_use(folder.file());
  return 0;
}
