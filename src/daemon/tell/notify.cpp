#include "canaryd/daemon/tell/notify.hpp"

#include "canaryd/async/clock.hpp"

#include <fmt/format.h>
#include <systemd/sd-daemon.h>

#include <cstdint>
#include <cstdlib>
#include <ctime>

namespace canaryd::daemon {
namespace {

void tell(const std::string& state) {
  // The daemon works the same whether systemd listens or not, so errors are ignored.
  (void)sd_notify(0, state.c_str());
}

std::int64_t monotonic_microseconds() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * std::int64_t{1'000'000} + now.tv_nsec / 1000;
}

}  // namespace

void notify_ready() {
  tell("READY=1");
}

void notify_reloading() {
  tell(fmt::format("RELOADING=1\nMONOTONIC_USEC={}", monotonic_microseconds()));
}

void notify_stopping() {
  tell("STOPPING=1\nSTATUS=stopping, canaries stay as they are");
}

async::task<> feed_watchdog() {
  std::uint64_t allowed_us = 0;
  if (sd_watchdog_enabled(0, &allowed_us) <= 0)
    co_return;
  for (;;) {
    tell("WATCHDOG=1");
    co_await async::sleep_for(std::chrono::microseconds{allowed_us / 4});
  }
}

async::task<> tell_status(std::function<std::string()> describe) {
  if (std::getenv("NOTIFY_SOCKET") == nullptr)
    co_return;
  for (std::string told;;) {
    auto present = describe();
    if (present != told) {
      tell("STATUS=" + present);
      told = std::move(present);
    }
    co_await async::sleep_for(std::chrono::seconds{1});
  }
}

}  // namespace canaryd::daemon
