#pragma once

// The port to the database. Implemented by store/mysql (real) and by
// tests/support/memory_store (fake); both pass tests/contract/store/.
//
// Work runs inside transact(): the body may run several times (conflicts, lost
// nodes), so it touches only its Txn and its own locals, speaks to no one, and
// reads inside it whatever decides a write. An Error returned by the body rolls back.
//
// Isolation is READ COMMITTED: a read sees what others committed before it. What must
// exclude each other writes the same row, having written or locked it *before* it reads:
// everything that changes what a device carries begins with the device's row (claimSpare,
// raiseGeneration, lock, recordFailure), so such transactions run one after the other.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "controller/model/admin_user.h"
#include "controller/model/device.h"
#include "controller/model/journal.h"
#include "controller/model/lease.h"
#include "controller/model/limits.h"
#include "controller/model/load_balancer.h"
#include "controller/model/usage.h"
#include "controller/model/virtual_ip.h"
#include "controller/model/vote.h"
#include "lib/base/result.h"

namespace libra::service {

class TenantTable {
 public:
  virtual ~TenantTable() = default;
  // One more load balancer unless the tenant has `limit` of them already (then
  // false). Writes the tenant's row, so two creates on two nodes exclude each other.
  virtual bool reserveLoadBalancer(std::string_view tenant, int limit) = 0;
  virtual void releaseLoadBalancer(std::string_view tenant) = 0;
};

class LimitTable {
 public:
  virtual ~LimitTable() = default;
  virtual model::Limits limits(std::string_view tenant) = 0;
  virtual std::vector<model::PortRule> ports() = 0;  // enabled rows in id order

  virtual std::map<std::string, int> global() = 0;                           // by the names of spec 1.7
  virtual bool setGlobal(std::string_view name, int value) = 0;              // false: no such limit
  virtual std::optional<int> maxLoadBalancers(std::string_view tenant) = 0;  // its override
  virtual void setMaxLoadBalancers(std::string_view tenant, std::optional<int> value) = 0;
};

class AdminUserTable {
 public:
  virtual ~AdminUserTable() = default;
  virtual std::vector<model::AdminUser> list() = 0;  // in the order they came
  virtual std::optional<model::AdminUser> find(std::string_view tenant) = 0;
  virtual bool insert(const model::AdminUser& user) = 0;  // false: there is one already
  virtual bool setLevel(std::string_view tenant, model::AdminLevel level) = 0;
  virtual bool remove(std::string_view tenant) = 0;
};

class LoadBalancerTable {
 public:
  virtual ~LoadBalancerTable() = default;

  virtual std::vector<model::LoadBalancer> list(std::string_view tenant, bool deleted) = 0;  // id order, one query
  // This tenant's, with nodes, monitor and VIP; none if absent, foreign or DELETED.
  virtual std::optional<model::LoadBalancer> find(std::string_view tenant, std::int64_t id) = 0;
  // Of any tenant, for the operator: all not DELETED, as list() gives them; one, as find() does.
  virtual std::vector<model::LoadBalancer> listAll() = 0;
  virtual std::optional<model::LoadBalancer> findAny(std::int64_t id) = 0;
  // All not DELETED on the device, as find() gives them but without the VIP, in id order
  // (any tenant: internal use).
  virtual std::vector<model::LoadBalancer> onDevice(std::int64_t device) = 0;

  // As BUILD with its nodes (ONLINE / OFFLINE). Returns what find() would, without the VIP.
  virtual model::LoadBalancer insert(const model::NewLoadBalancer& wanted, std::int64_t device,
                                     std::uint64_t generation, Time now, Time deadline) = 0;
  virtual void change(std::int64_t id, const std::optional<std::string>& name,
                      const std::optional<Algorithm>& algorithm, const model::Options& given) = 0;

  // Compare-and-set; false (nothing written) when the row is not in `from` any more.
  virtual bool setStatus(std::int64_t id, model::LbStatus from, model::LbStatus to, std::string_view description) = 0;
  // The change now under way: which generation carries it and when it must be over.
  virtual void setPending(std::int64_t id, std::uint64_t generation, Time now, Time deadline) = 0;
  virtual void moveTo(std::int64_t id, std::int64_t device) = 0;  // the link alone
  // Row stays as DELETED; nodes and monitor go, the device link too. Releases nothing else.
  virtual void markDeleted(std::int64_t id, Time now) = 0;

  virtual std::vector<model::Node> addNodes(std::int64_t id,
                                            const std::vector<model::NewNode>& nodes) = 0;  // with ids, in order
  virtual bool changeNode(std::int64_t id, std::int64_t node, std::optional<bool> enabled,
                          std::optional<int> weight) = 0;  // sets status too
  virtual bool removeNode(std::int64_t id, std::int64_t node) = 0;
  // ONLINE <-> ERROR as reported by the device; OFFLINE is left alone. True if it changed.
  virtual bool reportNode(std::int64_t node, bool up) = 0;

  virtual void putMonitor(std::int64_t id, const model::HealthMonitor& monitor) = 0;
  virtual void removeMonitor(std::int64_t id) = 0;

  // Past their deadline in BUILD, PENDING_* or ERROR(REBUILDING): (id, device).
  virtual std::vector<std::pair<std::int64_t, std::int64_t>> overdue(Time now, int most) = 0;

  // Removes rows DELETED before then; how many they were.
  virtual int expunge(Time before, int most) = 0;

  virtual std::map<model::LbStatus, int> counts() = 0;
  virtual std::optional<Time> oldestPending() = 0;  // when the oldest of BUILD, PENDING_*, ERROR(REBUILDING) began
};

// Devices that do not run what they should, and when the oldest change waiting for one began.
struct Backlog {
  int devices = 0;
  std::optional<Time> oldest;  // none: no load balancer waits for it
};

// Where a spare shall be; "" does not matter.
struct SparePlace {
  std::string zone{};       // in this one
  std::string not_group{};  // in another host group than this
};

// Which spare is wanted.
struct SpareWish {
  std::vector<std::string> needs{};  // it lacks none of them (firstLacking)
  std::vector<SparePlace> places{};  // in the first of these that has one; none given: anywhere
  std::int64_t id = 0;               // this one only; 0: any
  std::set<std::int64_t> not_these{};
};

class DeviceTable {
 public:
  virtual ~DeviceTable() = default;

  virtual std::int64_t insert(const model::NewDevice& device, Time now) = 0;  // as OFFLINE: a spare
  virtual std::optional<model::Device> find(std::int64_t id) = 0;
  virtual std::optional<model::Device> findByName(std::string_view name) = 0;
  virtual std::vector<model::Device> list() = 0;
  virtual std::vector<model::Device> withStatus(model::DeviceStatus status, int most) = 0;
  virtual std::map<model::DeviceStatus, int> counts() = 0;
  using ZoneCounts = std::map<std::pair<model::DeviceStatus, std::string>, int>;
  virtual ZoneCounts countsByZone() = 0;
  virtual int countSpares() = 0;  // OFFLINE and not in maintenance
  virtual Backlog backlog() = 0;

  // OFFLINE → BUILD by compare-and-set, generation raised; nobody else gets it, and none in
  // maintenance is given. None: no such spare.
  virtual std::optional<model::Device> claimSpare(const SpareWish& wish) = 0;
  virtual bool setStatus(std::int64_t id, model::DeviceStatus from, model::DeviceStatus to) = 0;
  virtual void setMaintenance(std::int64_t id, bool on) = 0;
  // The new one, greater than the last and than `above`; also clears attempts and next_due.
  virtual std::uint64_t raiseGeneration(std::int64_t id, std::uint64_t above = 0) = 0;
  // What is due on the device waits until `target` runs what it should, at most until then.
  virtual void postpone(std::int64_t id, std::int64_t target, Time until) = 0;
  virtual std::vector<std::int64_t> endPostponed(std::int64_t target) = 0;  // those that waited for it are due now
  // find(), and the row is this transaction's until it ends. A lock is local to a node of the
  // database: whoever reads under it must also write the row, if only at the end.
  virtual std::optional<model::Device> lock(std::int64_t id) = 0;
  // applied_generation := generation and the status, if that is a step forward; false (nothing
  // written) otherwise.
  virtual bool markApplied(std::int64_t id, std::uint64_t generation, model::DeviceStatus status) = 0;
  virtual void recordFailure(std::int64_t id, std::uint64_t generation, std::string_view error,
                             Time next_due) = 0;  // attempts + 1
  // applied < wanted and next_due ≤ now
  virtual std::vector<std::int64_t> due(Time now, int most, model::Shards shards) = 0;
  virtual void remove(std::int64_t id) = 0;
};

class VipTable {
 public:
  virtual ~VipTable() = default;
  virtual std::int64_t insert(const NetAddress& address, int prefix) = 0;  // free; existing address: its id
  // A free VIP becomes this device's, epoch raised. None: the pool is empty.
  virtual std::optional<model::VirtualIp> claimFree(std::int64_t device, Time now) = 0;
  virtual std::optional<model::VirtualIp> findFree(Time now) = 0;  // the one longest free, not claimed
  virtual std::optional<model::VirtualIp> find(std::int64_t id) = 0;
  virtual std::vector<model::VirtualIp> ofDevice(std::int64_t device) = 0;
  virtual std::optional<model::VirtualIp> findByAddress(const NetAddress& address) = 0;
  virtual std::vector<model::VirtualIp> held() = 0;               // by some device, in id order
  virtual void moveTo(std::int64_t id, std::int64_t device) = 0;  // epoch raised
  virtual void release(std::int64_t id, Time free_from) = 0;      // quarantined until then
  virtual int countFree(Time now) = 0;
  struct Counts {
    int held = 0, free = 0, quarantined = 0;
  };
  virtual Counts counts(Time now) = 0;
};

class LeaseTable {
 public:
  virtual ~LeaseTable() = default;
  virtual std::vector<model::Lease> list() = 0;  // in name order
  // Becomes the holder's, epoch raised, if nobody touched it since it was `seen`; an epoch of
  // 0 there means that there was no row.
  virtual bool take(const model::Lease& seen, std::string_view holder) = 0;
  virtual void renew(std::string_view holder) = 0;                     // the beats of all it holds
  virtual bool write(std::string_view name, std::uint64_t epoch) = 0;  // false: another epoch by now
  virtual void release(std::string_view name, std::uint64_t epoch) = 0;
  virtual void remove(const model::Lease& seen) = 0;  // unless touched since
};

// What controllers say of devices that one of them does not hear.
class VoteTable {
 public:
  virtual ~VoteTable() = default;
  virtual std::vector<model::Vote> list() = 0;     // by device, then voter
  virtual void cast(const model::Vote& vote) = 0;  // in place of what the voter said of that device before
  virtual void withdraw(std::string_view device, std::string_view voter) = 0;
  virtual void withdrawObjections(std::string_view device) = 0;  // of those who hear it: they are asked anew
  virtual void forget(std::string_view voter) = 0;               // all it said
};

using EventRow = model::NewEvent;

// Append-only, for people.
class JournalTable {
 public:
  virtual ~JournalTable() = default;
  virtual void append(const std::vector<EventRow>& rows, Time now) = 0;
  void event(const EventRow& row, Time now) { append({row}, now); }
  // The newest first, with ids below `before`; of one object unless that is "".
  virtual std::vector<model::Event> events(std::string_view object, std::int64_t before, int most) = 0;

  // The oldest first, with ids above `after`, written before `before`.
  virtual std::vector<model::Event> eventsAfter(std::int64_t after, Time before, int most) = 0;
  virtual int forget(Time before, int most) = 0;  // events and audit rows; how many they were

  // How far a reader of the events came, by the reader's name. None: it never read.
  virtual std::optional<std::int64_t> position(std::string_view reader) = 0;
  virtual void setPosition(std::string_view reader, std::int64_t event, Time now) = 0;

  // Written before the request is done, so that nothing is done without a trace.
  virtual std::int64_t beginAudit(const model::NewAudit& row, Time now) = 0;
  virtual void endAudit(std::int64_t id, int status) = 0;
  virtual std::vector<model::Audit> audits(std::int64_t before, int most) = 0;  // the newest first

  virtual void addCounters(const std::map<std::string, std::int64_t>& deltas) = 0;
  virtual std::map<std::string, std::int64_t> counters() = 0;
};

// What a tenant's request was, and how it was answered.
struct KnownRequest {
  std::string fingerprint;
  int status = 0;
  std::string body;
};

// Requests that may be sent again under the same key.
class RequestTable {
 public:
  virtual ~RequestTable() = default;
  // None: the key was free, or from before `forgotten`, and is now this transaction's, which
  // must answer(). Two transactions with one key exclude each other.
  virtual std::optional<KnownRequest> claim(std::string_view tenant, std::string_view key, std::string_view fingerprint,
                                            Time now, Time forgotten) = 0;
  virtual void answer(std::string_view tenant, std::string_view key, int status, std::string_view body) = 0;
  virtual int forget(Time before, int most) = 0;  // how many it were
};

// What load balancers used, as their devices told it.
class UsageTable {
 public:
  virtual ~UsageTable() = default;
  virtual void add(const model::UsageReport& report) = 0;       // nothing, if that one was added before
  virtual std::uint64_t lastSequence(std::int64_t device) = 0;  // of what was added; 0: nothing yet
  // The newest first, those that began before then.
  virtual std::vector<model::LbUsageSample> ofLoadBalancer(std::int64_t id, Time before, int most) = 0;
  virtual int forget(Time before, int most) = 0;  // what ended before then; how many samples
};

class Txn {
 public:
  virtual ~Txn() = default;
  virtual TenantTable& tenants() = 0;
  virtual LimitTable& limits() = 0;
  virtual LoadBalancerTable& loadBalancers() = 0;
  virtual DeviceTable& devices() = 0;
  virtual VipTable& vips() = 0;
  virtual JournalTable& journal() = 0;
  virtual AdminUserTable& adminUsers() = 0;
  virtual LeaseTable& leases() = 0;
  virtual VoteTable& votes() = 0;
  virtual RequestTable& requests() = 0;
  virtual UsageTable& usage() = 0;
};

class Store {
 public:
  virtual ~Store() = default;

  // Any thread; blocks. See the rules at the top of this file.
  template <typename Work>
  auto transact(Work&& work) -> std::invoke_result_t<Work, Txn&> {
    using R = std::invoke_result_t<Work, Txn&>;
    std::optional<R> result;
    Status done = run([&](Txn& txn) -> Status {
      result.emplace(work(txn));
      return *result ? ok() : Status(result->error());
    });
    if (!done) return done.error();
    return std::move(*result);
  }

 protected:
  virtual Status run(const std::function<Status(Txn&)>& body) = 0;
};

}  // namespace libra::service
