#include "canaryd/sim/certificate.hpp"

#include <boost/asio/ip/address.hpp>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdint>
#include <memory>
#include <stdexcept>

namespace canaryd::sim {
namespace {

struct free_openssl {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
  void operator()(BIO* bio) const { BIO_free(bio); }
};
template <class T>
using owned = std::unique_ptr<T, free_openssl>;

void require(bool done, const char* what) {
  if (!done)
    throw std::runtime_error{std::string{"cannot make a certificate: "} + what};
}

owned<EVP_PKEY> make_key() {
  owned<EVP_PKEY> key{EVP_EC_gen("P-256")};
  require(key != nullptr, "no key");
  return key;
}

void set_serial(X509& certificate) {
  std::uint32_t serial = 0;
  require(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) == 1, "no number");
  // A serial number must be positive (RFC 5280).
  ASN1_INTEGER_set(X509_get_serialNumber(&certificate), static_cast<long>(serial >> 1U) + 1);
}

void set_common_name(X509& certificate, const std::string& name) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(name.data());
  require(X509_NAME_add_entry_by_txt(X509_get_subject_name(&certificate), "CN", MBSTRING_UTF8,
                                     bytes, static_cast<int>(name.size()), -1, 0) == 1,
          "bad common name");
}

void add_extension(X509& certificate, X509& issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, &issuer, &certificate, nullptr, nullptr, 0);
  const owned<X509_EXTENSION> extension{
      X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str())};
  require(extension && X509_add_ext(&certificate, extension.get(), -1) == 1, "bad extension");
}

owned<X509> make_blank(const certificate_options& options, const std::string& common_name,
                       EVP_PKEY& key) {
  owned<X509> made{X509_new()};
  require(made && X509_set_version(made.get(), X509_VERSION_3) == 1, "no certificate");
  set_serial(*made);
  set_common_name(*made, common_name);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), options.valid_from.count());
  X509_gmtime_adj(X509_getm_notAfter(made.get()), options.valid_until.count());
  require(X509_set_pubkey(made.get(), &key) == 1, "bad key");
  return made;
}

void sign(X509& certificate, EVP_PKEY& key) {
  require(X509_sign(&certificate, &key, EVP_sha256()) > 0, "not signed");
}

owned<X509> make_authority(EVP_PKEY& key) {
  auto made = make_blank({}, "canaryd test authority", key);
  X509_set_issuer_name(made.get(), X509_get_subject_name(made.get()));
  add_extension(*made, *made, NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
  add_extension(*made, *made, NID_key_usage, "critical,keyCertSign,cRLSign");
  add_extension(*made, *made, NID_subject_key_identifier, "hash");
  sign(*made, key);
  return made;
}

std::string alternative_names(const std::vector<std::string>& names) {
  std::string list;
  for (const auto& name : names) {
    boost::system::error_code not_an_address;
    boost::asio::ip::make_address(name, not_an_address);
    list += (list.empty() ? "" : ",") + std::string{not_an_address ? "DNS:" : "IP:"} + name;
  }
  return list;
}

owned<X509> make_leaf(const certificate_options& options, EVP_PKEY& key, X509& authority,
                      EVP_PKEY& authority_key) {
  require(!options.names.empty(), "no name");
  auto made = make_blank(options, options.names.front(), key);
  X509_set_issuer_name(made.get(), X509_get_subject_name(&authority));
  add_extension(*made, authority, NID_basic_constraints, "critical,CA:FALSE");
  add_extension(*made, authority, NID_key_usage, "critical,digitalSignature");
  add_extension(*made, authority, NID_ext_key_usage, "serverAuth");
  add_extension(*made, authority, NID_authority_key_identifier, "keyid");
  if (options.lists_names)
    add_extension(*made, authority, NID_subject_alt_name, alternative_names(options.names));
  sign(*made, authority_key);
  return made;
}

template <class Write>
std::string to_pem(Write write) {
  const owned<BIO> memory{BIO_new(BIO_s_mem())};
  require(memory && write(memory.get()) == 1, "not written");
  char* text = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

}  // namespace

certificates make_certificates(const certificate_options& options) {
  const auto authority_key = make_key();
  const auto authority = make_authority(*authority_key);
  const auto key = make_key();
  const auto leaf = make_leaf(options, *key, *authority, *authority_key);
  return {
      .ca_pem = to_pem([&](BIO* to) { return PEM_write_bio_X509(to, authority.get()); }),
      .cert_pem = to_pem([&](BIO* to) { return PEM_write_bio_X509(to, leaf.get()); }),
      .key_pem = to_pem([&](BIO* to) {
        return PEM_write_bio_PrivateKey(to, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
      }),
  };
}

}  // namespace canaryd::sim
