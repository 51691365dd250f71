// Migrations: a database of any version, with whatever tables, indexes, views and rows the input
// makes, is brought up to date and used, or refused in words.
#include "canaryd/store/sqlite/schema.hpp"

#include <sqlite3.h>

#include "require.hpp"
#include "state_use.hpp"
#include <cstdint>

namespace canaryd::fuzz {
namespace {

// What another version of the daemon might have left there, and nothing that runs for ever or
// reaches another file.
int allow(void*, int action, const char* first, const char*, const char*, const char*) {
  switch (action) {
    case SQLITE_CREATE_TABLE:
    case SQLITE_CREATE_INDEX:
    case SQLITE_CREATE_VIEW:
    case SQLITE_DROP_TABLE:
    case SQLITE_DROP_INDEX:
    case SQLITE_ALTER_TABLE:
    case SQLITE_INSERT:
    case SQLITE_UPDATE:
    case SQLITE_DELETE:
    case SQLITE_READ:
    case SQLITE_SELECT:
    case SQLITE_REINDEX:
    case SQLITE_TRANSACTION:
      return SQLITE_OK;
    case SQLITE_PRAGMA:
      return std::string_view{first} == "user_version" ? SQLITE_OK : SQLITE_DENY;
    default:
      return SQLITE_DENY;
  }
}

void make_tables(const std::filesystem::path& file, std::string_view script) {
  store::connection state{file};
  sqlite3_set_authorizer(state.handle(), allow, nullptr);
  state.execute(std::string{script.substr(0, script.find('\0'))}.c_str());
  state.roll_back();
}

}  // namespace
}  // namespace canaryd::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace canaryd::fuzz;
  static const state_folder folder;
  folder.clear();
  make_tables(folder.file(), as_text(data, size));
  open_and_use(folder.file());
  return 0;
}
