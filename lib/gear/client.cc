#include "lib/gear/client.h"

#include <libgearman-1.0/gearman.h>

#include <algorithm>
#include <thread>
#include <utility>

#include "lib/base/backoff.h"
#include "lib/base/clock.h"
#include "lib/base/handles.h"
#include "lib/gear/bounded_memory.h"
#include "lib/gear/tls_pipe.h"

namespace libra::gear {

namespace {

using Handle = std::unique_ptr<gearman_client_st, FreeWith<gearman_client_free>>;
using std::chrono::milliseconds;

constexpr Backoff kBackoff{milliseconds(5), milliseconds(200)};

Instant now() { return SystemClock().monotonic(); }

Error unavailable(const std::string& detail) {
  return Error{ErrorCode::Unavailable, "No answer, try again later", "gear: " + detail};
}

}  // namespace

struct Client::Impl {
  Impl(TlsPipe& through, std::string name) : pipe(through), id(std::move(name)) {}

  void submit();
  void advance(Instant until);
  static gearman_return_t onCreated(gearman_task_st* task) noexcept;
  static gearman_return_t onComplete(gearman_task_st* task) noexcept;
  static gearman_return_t onFail(gearman_task_st* task) noexcept;
  static Impl& owner(gearman_task_st* task) { return *static_cast<Impl*>(::gearman_task_context(task)); }
  void onLost(const std::string& why);
  void onDeadline();
  void disconnect();
  Handle connect();

  TlsPipe& pipe;
  const std::string id;
  Handle handle;  // a connection is kept from job to job
  std::string function, payload;
  Instant deadline{}, again{};  // the end of the call; when to submit after a loss
  int losses = 0;
  bool fresh = false;  // the connection was made for this job
  bool submitted = false, accepted = false;
  std::optional<Result<std::string>> answer;
};

Handle Client::Impl::connect() {
  Handle made(::gearman_client_create(nullptr));
  if (!made) return made;
  ::gearman_client_add_options(made.get(), GEARMAN_CLIENT_NON_BLOCKING);
  ::gearman_client_add_options(made.get(), GEARMAN_CLIENT_FREE_TASKS);
  ::gearman_client_set_workload_malloc_fn(made.get(), allocateBounded, nullptr);
  ::gearman_client_set_created_fn(made.get(), onCreated);
  ::gearman_client_set_complete_fn(made.get(), onComplete);
  ::gearman_client_set_fail_fn(made.get(), onFail);
  ::gearman_client_set_identifier(made.get(), id.data(), id.size());
  const auto port = static_cast<in_port_t>(pipe.port());
  if (::gearman_client_add_server(made.get(), pipe.host().c_str(), port) != GEARMAN_SUCCESS) made.reset();
  return made;
}

// Without a unique key: gearmand merges jobs with equal keys and drops the newer payload.
void Client::Impl::submit() {
  fresh = !handle;
  if (fresh) handle = connect();
  gearman_return_t status = GEARMAN_MEMORY_ALLOCATION_FAILURE;
  const void* workload = payload.empty() ? nullptr : payload.data();  // libgearman refuses a pointer to nothing
  if (handle)
    ::gearman_client_add_task(handle.get(), nullptr, this, function.c_str(), nullptr, workload, payload.size(),
                              &status);
  submitted = status == GEARMAN_SUCCESS;
  if (!submitted) answer = Error{ErrorCode::Internal, "The job cannot be sent", ::gearman_strerror(status)};
}

void Client::Impl::advance(Instant until) {
  if (!submitted) {
    std::this_thread::sleep_until(std::min(until, again));
    if (now() < again) return;
    return submit();
  }
  gearman_return_t status = ::gearman_client_run_tasks(handle.get());
  if (answer) return;
  if (status == GEARMAN_IO_WAIT) {
    // libgearman with a timeout of 0 does not look at its socket at all.
    const auto left = std::chrono::ceil<milliseconds>(until - now()).count();
    ::gearman_client_set_timeout(handle.get(), static_cast<int>(std::max<long long>(left, 1)));
    status = ::gearman_client_wait(handle.get());
    if (status == GEARMAN_SUCCESS || status == GEARMAN_TIMEOUT || status == GEARMAN_IO_WAIT) return;
  }
  onLost(::gearman_strerror(status));
}

gearman_return_t Client::Impl::onCreated(gearman_task_st* task) noexcept {
  owner(task).accepted = true;
  return GEARMAN_SUCCESS;
}

gearman_return_t Client::Impl::onComplete(gearman_task_st* task) noexcept {
  const auto* data = static_cast<const char*>(::gearman_task_data(task));
  owner(task).answer = std::string(data == nullptr ? "" : data, ::gearman_task_data_size(task));
  return GEARMAN_SUCCESS;
}

gearman_return_t Client::Impl::onFail(gearman_task_st* task) noexcept {
  owner(task).answer = unavailable(owner(task).function + ": the function failed");
  return GEARMAN_SUCCESS;
}

// What no server has accepted is sent again: a kept connection may be long dead.
void Client::Impl::onLost(const std::string& why) {
  disconnect();
  if (accepted) {
    answer = unavailable(function + ": connection lost after acceptance, outcome unknown (" + why + ")");
  } else if (fresh && !pipe.usable()) {
    answer = unavailable(function + ": no job server (" + why + ")");
  } else {
    again = losses == 0 ? now() : now() + kBackoff.delay(losses);
    ++losses;
  }
}

// With the connection the job server forgets the job, unless a worker has it already.
void Client::Impl::onDeadline() {
  disconnect();
  answer = unavailable(function + (accepted ? ": accepted, but no answer in time" : ": not accepted in time"));
}

void Client::Impl::disconnect() {
  handle.reset();
  submitted = false;
}

Client::Client(TlsPipe& pipe, std::string id) : impl_(std::make_unique<Impl>(pipe, std::move(id))) {}
Client::~Client() = default;

void Client::start(const std::string& function, const std::string& payload, milliseconds timeout) {
  if (impl_->submitted) impl_->disconnect();  // the last call was given up
  impl_->function = function;
  impl_->payload = payload;
  impl_->deadline = now() + timeout;
  impl_->again = now();
  impl_->losses = 0;
  impl_->accepted = false;
  impl_->answer.reset();
}

std::optional<Result<std::string>> Client::poll(milliseconds patience) {
  const Instant until = std::min(now() + std::max(patience, milliseconds(1)), impl_->deadline);
  do {
    impl_->advance(until);
  } while (!impl_->answer && now() < until);
  if (!impl_->answer && now() >= impl_->deadline) impl_->onDeadline();
  if (impl_->answer) impl_->submitted = false;
  return impl_->answer;
}

Result<std::string> Client::call(const std::string& function, const std::string& payload, milliseconds timeout) {
  start(function, payload, timeout);
  return *poll(timeout + milliseconds(1));
}

}  // namespace libra::gear
