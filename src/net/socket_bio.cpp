#include "canaryd/net/socket_bio.hpp"

#include <openssl/bio.h>

#include <cerrno>
#include <new>
#include <sys/socket.h>

namespace canaryd::net {
namespace {

socket_io& io_of(BIO* bio) {
  return *static_cast<socket_io*>(BIO_get_data(bio));
}

bool is_not_now(int problem) {
  return problem == EAGAIN || problem == EWOULDBLOCK;
}

int read_bio(BIO* bio, char* space, int size) {
  BIO_clear_retry_flags(bio);
  const auto count = receive(io_of(bio), space, static_cast<std::size_t>(size));
  if (count < 0 && is_not_now(errno))
    BIO_set_retry_read(bio);
  return static_cast<int>(count);
}

int write_bio(BIO* bio, const char* bytes, int size) {
  BIO_clear_retry_flags(bio);
  const auto count = transmit(io_of(bio), bytes, static_cast<std::size_t>(size));
  if (count < 0 && is_not_now(errno))
    BIO_set_retry_write(bio);
  return static_cast<int>(count);
}

long control_bio(BIO* bio, int command, long /*number*/, void* /*pointer*/) {
  if (command == BIO_CTRL_FLUSH)
    return 1;
  if (command == BIO_CTRL_EOF)
    return io_of(bio).ended ? 1 : 0;
  return 0;
}

BIO_METHOD* make_method() {
  auto* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket");
  if (method == nullptr)
    throw std::bad_alloc{};
  BIO_meth_set_read(method, read_bio);
  BIO_meth_set_write(method, write_bio);
  BIO_meth_set_ctrl(method, control_bio);
  return method;
}

}  // namespace

BIO* make_socket_bio(socket_io& io) {
  // Shared by all connections and never freed.
  static BIO_METHOD* const method = make_method();
  auto* bio = BIO_new(method);
  if (bio == nullptr)
    throw std::bad_alloc{};
  BIO_set_data(bio, &io);
  BIO_set_init(bio, 1);
  return bio;
}

long receive(socket_io& io, char* space, std::size_t size) {
  const auto count = recv(io.descriptor, space, size, MSG_DONTWAIT);
  if (count == 0)
    io.ended = true;
  if (count < 0 && !is_not_now(errno))
    io.problem = errno;
  return count;
}

long transmit(socket_io& io, const char* bytes, std::size_t size) {
  const auto count = send(io.descriptor, bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (count > 0)
    io.bytes_sent += static_cast<std::uint64_t>(count);
  if (count < 0 && !is_not_now(errno))
    io.problem = errno;
  return count;
}

}  // namespace canaryd::net
