// Precompiled for the rooms that use coroutines: Asio costs seconds a file otherwise. Nothing may
// rely on these includes: every file names what it uses.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "pch_text.hpp"
