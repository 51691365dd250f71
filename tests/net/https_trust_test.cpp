// Which servers the pool trusts.
#include "pool_fixture.hpp"
#include <sys/stat.h>
#include <unistd.h>

namespace canaryd::net {
namespace {

using namespace std::chrono_literals;

class https_trust : public pool_fixture {
 protected:
  // The result of a GET from a server with this identity, whose authority is trusted.
  result<response> get_from(const sim::certificate_options& identity,
                            const std::string& host = "localhost",
                            int max_version = TLS1_3_VERSION) {
    const auto made = sim::make_certificates(identity);
    const scripted_server server{
        {.identity = made, .min_version = TLS1_VERSION, .max_version = max_version},
        {answer_all(answer(200, "trusted"))}};
    options.ca_file = ca_file_of(made);
    if (const auto changed = pool().reconfigure(options); !changed)
      return std::unexpected{changed.error()};
    return send(get(server, host));
  }

  void expect_unreachable(const result<response>& outcome, std::string_view words) {
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().kind, fault::unreachable);
    EXPECT_NE(outcome.error().text.find(words), std::string::npos) << outcome.error().text;
  }
};

TEST_F(https_trust, a_certificate_is_valid_for_the_names_and_addresses_that_it_lists) {
  EXPECT_TRUE(get_from({}, "localhost"));
  EXPECT_TRUE(get_from({}, "127.0.0.1"));
  EXPECT_TRUE(get_from({.names = {"127.0.0.1"}}, "127.0.0.1"));
}

TEST_F(https_trust, a_wrong_host_name_is_refused) {
  expect_unreachable(get_from({.names = {"example.com", "127.0.0.1"}}),
                     "certificate refused: hostname mismatch");
  expect_unreachable(get_from({.names = {"localhost"}}, "127.0.0.1"),
                     "certificate refused: IP address mismatch");
}

TEST_F(https_trust, a_common_name_alone_is_refused) {
  expect_unreachable(get_from({.lists_names = false}), "certificate refused: hostname mismatch");
  expect_unreachable(get_from({.names = {"127.0.0.1"}, .lists_names = false}, "127.0.0.1"),
                     "certificate refused: IP address mismatch");
}

TEST_F(https_trust, an_expired_certificate_is_refused_and_so_is_one_of_tomorrow) {
  expect_unreachable(get_from({.valid_from = -48h, .valid_until = -24h}),
                     "certificate refused: certificate has expired");
  expect_unreachable(get_from({.valid_from = 24h, .valid_until = 48h}),
                     "certificate refused: certificate is not yet valid");
}

TEST_F(https_trust, an_unknown_authority_is_refused) {
  const auto server = serve({answer_all(answer(200, ""))});
  options.ca_file = ca_file_of(sim::make_certificates());
  expect_unreachable(send(get(*server)), "certificate refused: unable to get local issuer");
}

TEST_F(https_trust, the_system_store_does_not_know_our_authority) {
  const auto server = serve({answer_all(answer(200, ""))});
  options.ca_file.clear();
  expect_unreachable(send(get(*server)), "certificate refused: ");
}

TEST_F(https_trust, tls_1_2_is_the_oldest_version_spoken) {
  EXPECT_TRUE(get_from({}, "localhost", TLS1_2_VERSION));
  expect_unreachable(get_from({}, "localhost", TLS1_1_VERSION), "cannot set up TLS with localhost");
}

TEST_F(https_trust, a_server_that_speaks_no_tls_is_unreachable) {
  const auto server = serve_plain({[](peer& client) {
    client.send("220 mail.example ESMTP\r\n");
    client.wait_for_close();
  }});
  auto message = get(*server);
  message.target.scheme = "https";
  expect_unreachable(send(message), "cannot set up TLS with localhost");
}

TEST_F(https_trust, a_server_that_hangs_up_in_the_handshake_is_unreachable) {
  const auto server = serve_plain({[](peer&) {}});
  auto message = get(*server);
  message.target.scheme = "https";
  expect_unreachable(send(message), "cannot set up TLS with localhost");
}

TEST_F(https_trust, a_ca_file_that_is_none_is_refused_by_the_factory) {
  const auto empty = write_scratch_file("no certificate\n");
  for (const auto& file : {std::string{"/nonexistent/ca.pem"}, empty}) {
    const auto made = make_https_pool(context.get_executor(), {.ca_file = file});
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().kind, fault::system);
    EXPECT_TRUE(made.error().text.starts_with("cannot use the CA file " + file + ": "))
        << made.error().text;
  }
}

// A reload opens the file in the loop that watches canaries, so it must not block.
TEST_F(https_trust, a_ca_file_that_is_no_file_is_refused_without_waiting) {
  const auto fifo = write_scratch_file("");
  ASSERT_EQ(::unlink(fifo.c_str()), 0);
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  for (const auto& file : {fifo, std::string{"/dev/zero"}, std::string{"/"}}) {
    const auto made = prepare_https({.ca_file = file});
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().text, "cannot use the CA file " + file + ": not a regular file");
  }
}

TEST_F(https_trust, why_a_ca_file_cannot_be_used_is_said_in_words) {
  EXPECT_EQ(prepare_https({.ca_file = "/nonexistent"}).error().text,
            "cannot use the CA file /nonexistent: No such file or directory");
  const auto empty = write_scratch_file("no certificate\n");
  EXPECT_EQ(prepare_https({.ca_file = empty}).error().text,
            "cannot use the CA file " + empty + ": no certificate found");
}

}  // namespace
}  // namespace canaryd::net
