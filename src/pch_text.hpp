// Precompiled for the rooms that do without Asio: Boost.JSON and fmt cost a second a file
// otherwise. Nothing may rely on these includes: every file names what it uses.
#include <boost/json.hpp>
#include <fmt/format.h>

#include <chrono>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>
