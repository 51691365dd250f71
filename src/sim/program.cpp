#include "canaryd/sim/program.hpp"

#include "canaryd/async/task_group.hpp"
#include "canaryd/sim/cert_dir.hpp"
#include "canaryd/sim/server.hpp"
#include "canaryd/text/wall_text.hpp"

#include <boost/asio/basic_signal_set.hpp>
#include <boost/asio/io_context.hpp>
#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <memory>
#include <utility>

namespace canaryd::sim {
namespace {

constexpr int could_not_start = 75;

void say(std::string_view text) {
  fmt::print("{}\n", text);
  std::fflush(stdout);
}

int give_up(const error& problem) {
  fmt::print(stderr, "cognigy-sim: {}\n", problem.text);
  return could_not_start;
}

std::string welcome(const program_options& options, const client_files& files, std::uint16_t port) {
  const bool is_v6 = options.address.find(':') != std::string::npos;
  const auto base = fmt::format("{}://{}{}{}:{}", options.plain ? "http" : "https",
                                is_v6 ? "[" : "", options.address, is_v6 ? "]" : "", port);
  const auto ca_line =
      options.plain ? "" : fmt::format(",\n  \"ca_file\": \"{}\"", files.ca_file());
  return fmt::format(
      "listening on {0}\n"
      "certificates and secrets are in {1}\n"
      "in canaryd.json:\n\n"
      "\"api\": {{\n"
      "  \"base_url\": \"{0}/api/v1\",\n"
      "  \"token_url\": \"{0}/oauth/token\",\n"
      "  \"client_id\": \"{2}\",\n"
      "  \"client_secret_file\": \"{3}\",\n"
      "  \"webhook_secret_file\": \"{4}\",\n"
      "  \"window_unit\": \"s\"{5}\n"
      "}}\n",
      base, files.directory, options.world.api.client_id, files.client_secret_file(),
      files.webhook_secret_file(), ca_line);
}

std::string request_line(const net::request& message, const reply& result) {
  const std::string_view ended = result.ended == outcome::lost_before  ? "lost, not processed"
                                 : result.ended == outcome::lost_after ? "lost, processed"
                                 : result.cut_body                     ? "cut"
                                                                       : "answered";
  return fmt::format("request      {} {} {} {}", message.method, message.target.target,
                     result.answer.status, ended);
}

using signal_set = boost::asio::basic_signal_set<async::executor>;

async::task<> stop_at_signal(signal_set& signals, server& serving) {
  co_await signals.async_wait(async::use_task);
  serving.stop();
}

// Prints what happened since the last call, each line with the time of day (UTC).
void report(world& played, const program_options& options) {
  for (const auto& line : played.take_notes()) {
    if (options.quiet)
      continue;
    const auto now = text::format_wall_time(async::clock::wall_now());
    say(fmt::format("{} {}", std::string_view{now}.substr(11, 8), line));
  }
}

}  // namespace

int run_program(program_options options) {
  auto files = prepare_client_files(options.cert_dir, options.world.api.client_secret);
  if (!files)
    return give_up(files.error());
  boost::asio::io_context context{1};
  // Handled from here on, so that a signal always ends the program cleanly.
  signal_set signals{context.get_executor(), SIGTERM, SIGINT};
  world played{options.world, async::clock::now()};
  server_options serving;
  if (!options.plain) {
    serving.certificate = files->tls.cert_pem;
    serving.private_key = files->tls.key_pem;
  }
  serving.on_reply = [&](const net::request& message, const reply& result) {
    report(played, options);
    if (options.log_requests)
      say(request_line(message, result));
  };
  auto listening = server::listen(context.get_executor(), played, options.address, options.port,
                                  std::move(serving));
  if (!listening)
    return give_up(listening.error());
  const auto port = (*listening)->port();
  say(welcome(options, *files, port));
  if (!options.port_file.empty()) {
    const auto written = write_text_file(options.port_file, fmt::format("{}\n", port), 0644);
    if (!written)
      return give_up(written.error());
  }
  async::task_group tasks{context.get_executor()};
  tasks.spawn((*listening)->run());
  tasks.spawn(stop_at_signal(signals, **listening));
  context.run();
  return 0;
}

}  // namespace canaryd::sim
