#include "canaryd/daemon/audit_api.hpp"

#include "canaryd/delivery/audit_payload.hpp"

#include <utility>

namespace canaryd::daemon {

result<void> audit_api::check(const store::delivery& what) const {
  auto told = delivery::read_audit_delivery(what);
  return told ? result<void>{} : result<void>{std::unexpected{std::move(told.error())}};
}

async::task<result<void>> audit_api::deliver(store::delivery what) {
  auto told = delivery::read_audit_delivery(what);
  if (!told)
    co_return std::unexpected{std::move(told.error())};
  const platform::target where{std::move(told->base_url), told->record.bot_id, {}, {}};
  co_return co_await platform_.audit(where, std::move(told->record));
}

}  // namespace canaryd::daemon
