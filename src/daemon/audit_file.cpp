#include "canaryd/daemon/audit_file.hpp"

#include "canaryd/async/other_thread.hpp"
#include "canaryd/delivery/audit_payload.hpp"
#include "canaryd/text/json_parse.hpp"

#include <boost/asio/async_result.hpp>

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace canaryd::daemon {
namespace {

// What a line has beside its place in the chain: what was committed, and who says so.
boost::json::object make_record_members(const store::delivery& from) {
  boost::json::error_code broken;
  auto members = text::parse_json(from.payload, broken).as_object();
  members["source"] = "canaryd/" CANARYD_VERSION;
  return members;
}

}  // namespace

// Has the thread, if there is one. It is started by the first record.
class audit_file::writer {
 public:
  writer(std::filesystem::path file, std::filesystem::path last_line, file_work where)
      : lines_{std::move(file), std::move(last_line)}, where_{where} {}
  ~writer();
  writer(const writer&) = delete;
  writer& operator=(const writer&) = delete;

  using callback = std::move_only_function<void(result<void>)>;

  void move_to(std::filesystem::path file);
  // Calls `done` once the record is on disk, or could not be written.
  void add(boost::json::object record, callback done);

 private:
  struct waiting_record {
    boost::json::object record;
    callback done;
  };

  result<void> start();
  void serve();
  void write(std::vector<waiting_record> batch);

  // Used by the thread alone, if there is one.
  chained_file lines_;
  file_work where_;
  std::mutex guard_;
  std::condition_variable changed_;
  std::vector<waiting_record> waiting_;
  std::optional<std::filesystem::path> moves_to_;
  bool is_over_ = false;
  std::thread thread_;
};

audit_file::writer::~writer() {
  if (!thread_.joinable())
    return;
  {
    const std::lock_guard lock{guard_};
    is_over_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void audit_file::writer::move_to(std::filesystem::path file) {
  const std::lock_guard lock{guard_};
  moves_to_ = std::move(file);
}

result<void> audit_file::writer::start() {
  if (thread_.joinable())
    return {};
  return async::start_thread(thread_, "writes audit.file", [this] { serve(); });
}

void audit_file::writer::add(boost::json::object record, callback done) {
  if (where_ == file_work::on_thread) {
    if (auto started = start(); !started)
      return done(std::move(started));
  }
  std::vector<waiting_record> now;
  {
    const std::lock_guard lock{guard_};
    waiting_.push_back({std::move(record), std::move(done)});
    if (where_ == file_work::on_loop)
      now = std::exchange(waiting_, {});
  }
  if (where_ == file_work::on_loop)
    write(std::move(now));
  else
    changed_.notify_one();
}

void audit_file::writer::serve() {
  for (;;) {
    std::vector<waiting_record> batch;
    {
      std::unique_lock lock{guard_};
      changed_.wait(lock, [this] { return is_over_ || !waiting_.empty(); });
      batch = std::exchange(waiting_, {});
    }
    if (batch.empty())
      return;
    write(std::move(batch));
  }
}

void audit_file::writer::write(std::vector<waiting_record> batch) {
  {
    const std::lock_guard lock{guard_};
    if (moves_to_)
      lines_.move_to(*std::exchange(moves_to_, std::nullopt));
  }
  std::vector<boost::json::object> records;
  records.reserve(batch.size());
  for (auto& each : batch)
    records.push_back(std::move(each.record));
  const auto outcome = lines_.append(records);
  for (auto& each : batch)
    each.done(outcome);
}

audit_file::audit_file(async::executor ex, std::filesystem::path file,
                       std::filesystem::path last_line, file_work where)
    : executor_{std::move(ex)},
      writer_{std::make_unique<writer>(std::move(file), std::move(last_line), where)} {}

audit_file::~audit_file() = default;

void audit_file::move_to(std::filesystem::path file) {
  writer_->move_to(std::move(file));
}

result<void> audit_file::check(const store::delivery& what) const {
  auto told = delivery::read_audit_delivery(what);
  return told ? result<void>{} : result<void>{std::unexpected{std::move(told.error())}};
}

async::task<result<void>> audit_file::deliver(store::delivery what) {
  co_return co_await boost::asio::async_initiate<decltype(async::use_task), void(result<void>)>(
      [this](auto handler, boost::json::object record) {
        writer_->add(std::move(record), async::resume_on_loop(executor_, std::move(handler)));
      },
      async::use_task, make_record_members(what));
}

}  // namespace canaryd::daemon
