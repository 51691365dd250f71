// haproxy(1) itself reads the configurations.
#include "canaryd/platform/haproxy/haproxy_config.hpp"
#include "canaryd/sim/certificate.hpp"

#include <gtest/gtest.h>

#include "haproxy_process.hpp"
#include "scratch_folder.hpp"
#include <fstream>
#include <string>

namespace canaryd::platform {
namespace {

class real_config : public testing::Test {
 protected:
  real_config() { bot.map_file = folder.write("canaryd.map", "orders 0\n"); }

  // What haproxy complains about. That a test's host has no address is no complaint.
  std::string complaints() const {
    const auto config = folder.write("haproxy.cfg", make_haproxy_config(bot).value());
    const auto code = check_config(config, folder.file("log"));
    std::ifstream log{folder.file("log")};
    std::string found = code == 0 ? "" : "exit code " + std::to_string(code) + "\n";
    for (std::string line; std::getline(log, line);)
      if ((line.contains("[WARNING]") || line.contains("[ALERT]")) &&
          !line.contains("could not resolve address"))
        found += line + "\n";
    return found;
  }

  scratch_folder folder;
  haproxy_bot bot{.bot_id = "orders",
                  .environment_id = "prod",
                  .map_key = "orders",
                  .stable_backend = "orders_stable",
                  .canary_backend = "orders_canary",
                  .endpoint_host = "endpoint.cognigy.invalid",
                  .stable_url_token = "5ab1e0",
                  .canary_url_token = "ca4a47",
                  .daemon_port = 9465,
                  .bind = "127.0.0.1:8080",
                  .stats_socket = folder.file("admin.sock")};
};

TEST_F(real_config, is_taken_as_it_comes) {
  EXPECT_EQ(complaints(), "");
}

TEST_F(real_config, is_taken_with_every_field_at_its_oddest) {
  const auto identity = sim::make_certificates();
  bot.bot_id = "b t;\n'\"\\#%[]{}";
  bot.environment_id = std::string(200, '/');
  bot.map_key = "o.r:d-e_r9";
  folder.write("canaryd.map", bot.map_key + " 0\n");
  bot.seed = 4'294'967'295U;
  bot.stable_backend = std::string(64, 's');
  bot.canary_backend = "c:a.n-a_ry";
  bot.stable_url_token = std::string(64, 'f') + "_-";
  bot.endpoint_port = 65'535;
  bot.ca_file = folder.write("c@a=+1.pem", identity.ca_pem);
  bot.daemon_address = "::1";
  bot.daemon_port = 65'535;
  bot.bind = "[::1]:8443";
  bot.bind_certificate = folder.write("own.pem", identity.cert_pem + identity.key_pem);
  EXPECT_EQ(complaints(), "");
}

TEST_F(real_config, is_refused_by_HAProxy_without_its_map) {
  bot.map_file = folder.file("none.map");
  EXPECT_NE(complaints(), "");
}

}  // namespace
}  // namespace canaryd::platform
