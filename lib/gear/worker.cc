#include "lib/gear/worker.h"

#include <libgearman-1.0/gearman.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>

#include "lib/base/backoff.h"
#include "lib/base/handles.h"
#include "lib/gear/bounded_memory.h"
#include "lib/gear/thread.h"
#include "lib/gear/tls_pipe.h"
#include "lib/log/log.h"

namespace libra::gear {

namespace {

using Handle = std::unique_ptr<gearman_worker_st, FreeWith<gearman_worker_free>>;

constexpr log::Logger kLog{"gear"};
constexpr Backoff kBackoff{std::chrono::milliseconds(50), std::chrono::milliseconds(2000)};
// Without a timeout an idle libgearman worker never notices a lost server; ever so often it asks
// for work in vain, which is a good part of what an idle device does.
constexpr int kWakeMs = 2000;

// A worker is at all servers at once, so leaving a silent one is not urgent, and ten
// thousand devices probing are a load.
constexpr std::chrono::milliseconds kProbeInterval{2000};

bool goesOn(gearman_return_t status) {
  switch (status) {
    case GEARMAN_SUCCESS:
    case GEARMAN_TIMEOUT:
    case GEARMAN_IO_WAIT:
    case GEARMAN_NO_JOBS:
    case GEARMAN_WORK_FAIL:
      return true;
    default:
      return false;
  }
}

}  // namespace

// One job server: a pipe to it alone, and a thread.
struct Served {
  std::string name;
  std::unique_ptr<TlsPipe> pipe;
  std::atomic<bool> registered = false;
  gearman_id_t wake = GEARMAN_ID_INITIALIZER;  // guarded by Worker::Impl::mutex
  std::thread thread{};
};

struct Worker::Impl {
  Impl(const Connection& where, std::string name, std::string who, Handler what)
      : connection(where), function(std::move(name)), id(std::move(who)), handler(std::move(what)) {}
  ~Impl();

  Status open();
  void serve(Served& server);
  bool session(Served& server);
  Handle connect(const TlsPipe& pipe);
  void setWake(Served& server, gearman_id_t wake);
  bool isStopping();
  static void* onJob(gearman_job_st* job, void* self, std::size_t* size, gearman_return_t* status) noexcept {
    return static_cast<Impl*>(self)->work(job, size, status);
  }
  void* work(gearman_job_st* job, std::size_t* size, gearman_return_t* status);

  const Connection connection;
  const std::string function, id;
  const Handler handler;
  std::mutex handling;  // one job at a time, whichever server it came from
  std::mutex mutex;
  std::condition_variable stop;
  bool stopping = false;
  std::vector<std::unique_ptr<Served>> servers;
};

Worker::Impl::~Impl() {
  {
    std::lock_guard lock(mutex);
    stopping = true;
    for (auto& server : servers) ::gearman_kill(server->wake, GEARMAN_INTERRUPT);
  }
  stop.notify_all();
  for (auto& server : servers) server->thread.join();
}

Status Worker::Impl::open() {
  std::vector<std::unique_ptr<Served>> opened;
  for (const auto& name : connection.servers) {
    Connection one = connection;
    one.servers = {name};
    one.probe_interval = std::max(one.probe_interval, kProbeInterval);
    auto pipe = TlsPipe::open(one);
    if (!pipe) return pipe.error();
    opened.push_back(std::make_unique<Served>());
    opened.back()->name = name;
    opened.back()->pipe = *std::move(pipe);
  }
  if (opened.empty()) return Error{ErrorCode::Invalid, "No job server is set"};
  servers = std::move(opened);
  for (auto& server : servers) server->thread = std::thread([this, &served = *server] { serve(served); });
  return ok();
}

void Worker::Impl::serve(Served& server) {
  beginThread("gear-worker");
  for (int attempt = 0; !isStopping(); ++attempt) {
    if (session(server)) attempt = 0;
    std::unique_lock lock(mutex);
    stop.wait_for(lock, kBackoff.delay(attempt), [this] { return stopping; });
  }
}

// A fresh worker for each connection: libgearman's own reconnecting cannot be relied on.
// False when the job server was not reached.
bool Worker::Impl::session(Served& server) {
  const Handle worker = connect(*server.pipe);
  if (!worker) return false;
  setWake(server, ::gearman_worker_id(worker.get()));
  gearman_return_t status = ::gearman_worker_echo(worker.get(), "hello", 5);
  const bool reached = status == GEARMAN_SUCCESS;
  if (reached) kLog.info("serving {} at job server {}", function, server.name);
  server.registered = reached;
  while (reached && goesOn(status) && !isStopping()) status = ::gearman_worker_work(worker.get());
  server.registered = false;
  setWake(server, GEARMAN_ID_INITIALIZER);
  if (reached && !isStopping()) kLog.warn("job server {} lost: {}", server.name, ::gearman_strerror(status));
  return reached;
}

Handle Worker::Impl::connect(const TlsPipe& pipe) {
  Handle worker(::gearman_worker_create(nullptr));
  if (!worker) return worker;
  ::gearman_worker_set_timeout(worker.get(), kWakeMs);
  ::gearman_worker_set_workload_malloc_fn(worker.get(), allocateBounded, nullptr);
  ::gearman_worker_set_identifier(worker.get(), id.data(), id.size());
  const bool ready = ::gearman_worker_add_server(worker.get(), pipe.host().c_str(),
                                                 static_cast<in_port_t>(pipe.port())) == GEARMAN_SUCCESS &&
                     ::gearman_worker_add_function(worker.get(), function.c_str(), 0, onJob, this) == GEARMAN_SUCCESS;
  if (!ready) worker.reset();
  return worker;
}

void Worker::Impl::setWake(Served& server, gearman_id_t wake) {
  std::lock_guard lock(mutex);
  server.wake = wake;
}

bool Worker::Impl::isStopping() {
  std::lock_guard lock(mutex);
  return stopping;
}

void* Worker::Impl::work(gearman_job_st* job, std::size_t* size, gearman_return_t* status) {
  *size = 0;
  *status = GEARMAN_WORK_FAIL;
  try {
    const auto* data = static_cast<const char*>(::gearman_job_workload(job));
    const std::string payload(data == nullptr ? "" : data, ::gearman_job_workload_size(job));
    std::lock_guard lock(handling);
    const std::string answer = handler(payload);
    void* copy = std::malloc(std::max<std::size_t>(answer.size(), 1));  // libgearman frees it
    if (copy == nullptr) return nullptr;
    std::memcpy(copy, answer.data(), answer.size());
    *size = answer.size();
    *status = GEARMAN_SUCCESS;
    return copy;
  } catch (const std::exception& e) {
    kLog.error("a job of {} failed: {}", function, e.what());
  } catch (...) {
    kLog.error("a job of {} failed", function);
  }
  return nullptr;
}

Worker::Worker(const Connection& connection, std::string function, std::string id, Handler handler)
    : impl_(std::make_unique<Impl>(connection, std::move(function), std::move(id), std::move(handler))) {}
Worker::~Worker() = default;

Status Worker::start() { return impl_->open(); }

std::vector<Worker::ServerState> Worker::servers() const {
  std::vector<ServerState> states;
  for (const auto& server : impl_->servers)
    states.push_back({server->name, server->registered && server->pipe->usable()});
  return states;
}

}  // namespace libra::gear
