// Tenants create, change, read and delete while the nemesis breaks one part of Libra after
// the other. Afterwards what was acknowledged must be so, and nothing else.
// LIBRA_MINUTES (2) and LIBRA_SEED (random).

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <random>
#include <sstream>

#include "tests/chaos/nemesis.h"
#include "tests/chaos/tenant.h"
#include "tests/chaos/usage_watch.h"
#include "tests/support/paths.h"
#include "tests/traffic/steady_client.h"

namespace libra::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds kCalm{90};    // after the last fault all is well by then
constexpr seconds kExcused{5};  // of a device that was struck, for its clients: 4 × 250 ms, the move

constexpr long kMeasured = 20;    // requests before anything breaks
constexpr long kErrorPage = 500;  // bytes, more than one of a proxy has

long errorPages(const std::vector<traffic::SteadyClient::Attempt>& attempts) {
  return std::count_if(attempts.begin(), attempts.end(), [](const auto& one) { return one.failure == "not 200"; });
}

long fromEnvironment(const char* name, long otherwise) {
  const char* given = std::getenv(name);
  return given && *given ? std::atol(given) : otherwise;
}

std::set<std::string> words(const std::string& text) {
  std::istringstream in(text);
  return {std::istream_iterator<std::string>(in), {}};
}

class Chaos : public ::testing::Test {
 protected:
  void TearDown() override {
    if (!HasFailure()) return;
    const auto kept = binaryDir() + "/chaos-failed";
    shell("rm -rf " + kept + " && mkdir " + kept + " && cd " + lab().path("") +
          " && find . -name '*.log' -exec cp --parents {} " + kept + " \\; || true");
    std::cout << "  logs are kept in " << kept << "\n";
  }

  Lab& lab() { return libra_.lab(); }

  // Sees that the load balancer nobody changes is served all the time.
  void watchFor(std::chrono::steady_clock::duration time) {
    const auto until = std::chrono::steady_clock::now() + time;
    while (std::chrono::steady_clock::now() < until) {
      for (const auto& name : words(libra_.holdersOf(vip_)))
        holders_.try_emplace(name, std::chrono::steady_clock::now());
      std::this_thread::sleep_for(seconds(1));
    }
  }

  // Proxies count the bytes of an answer in their own way; each answer alike.
  void measureAnswer(const UsageWatch& usage) {
    lab().answersOf(vip_, kMeasured);
    ASSERT_TRUE(waitFor([&] { return usage.used().connections == kMeasured; }, kCalm)) << usage.used().connections;
    const auto bytes = usage.used().bytes_out;
    answer_bytes_ = bytes / kMeasured;
    ASSERT_GT(answer_bytes_, 0);
    ASSERT_EQ(bytes % kMeasured, 0) << bytes;
  }

  // Of what the untouched load balancer carried nothing is missing but what may have gone with
  // what was killed, and nothing is there twice. So it is between two numbers, not one.
  void expectUsageTold(UsageWatch& usage, const traffic::SteadyClient& client,
                       const std::vector<Nemesis::Blow>& blows) {
    const auto end = std::chrono::steady_clock::now();
    const auto holder = libra_.holdersOf(vip_);
    EXPECT_TRUE(waitFor([&] { return usage.toldUntil()[holder] > end; }, kCalm)) << holder;
    usage.stop();
    EXPECT_THAT(usage.falls(), ::testing::IsEmpty());
    EXPECT_EQ(usage.toldTwice(), "");
    const auto least = kMeasured + mustBeTold(client.attempts(), blows, holders_, usage.toldUntil());
    const auto used = usage.used();
    EXPECT_GE(used.connections, least);
    EXPECT_LE(used.connections, kMeasured + static_cast<long>(client.begun()));
    EXPECT_GE(used.bytes_out, least * answer_bytes_);
    EXPECT_LE(used.bytes_out, used.connections * answer_bytes_ + errorPages(client.attempts()) * kErrorPage);
    std::cout << "  " << used.connections << " connections and " << used.bytes_out << " bytes told, "
              << kMeasured + client.begun() << " were made, " << least << " had to be told\n";
  }

  // However long its device stays broken: by then another one serves.
  bool isExcused(const traffic::SteadyClient::Attempt& attempt, const std::vector<Nemesis::Blow>& blows) const {
    for (const auto& blow : blows)
      if (holders_.count(blow.device) > 0 && attempt.end >= blow.at && attempt.begin <= blow.at + kExcused) return true;
    return false;
  }

  void expectUntouchedServed(const std::vector<traffic::SteadyClient::Attempt>& attempts,
                             const std::vector<Nemesis::Blow>& blows) {
    std::map<std::string, int> failures;
    std::vector<traffic::SteadyClient::Attempt> unexcused;
    for (const auto& attempt : attempts) {
      if (attempt.failure.empty() || isExcused(attempt, blows)) continue;
      ++failures[attempt.failure];
      unexcused.push_back(attempt);
    }
    EXPECT_THAT(failures, ::testing::IsEmpty());
    if (!unexcused.empty()) tellWhen(unexcused, blows);
  }

  // In seconds since the first fault.
  void tellWhen(const std::vector<traffic::SteadyClient::Attempt>& failures, const std::vector<Nemesis::Blow>& blows) {
    const auto offset = [&](auto at) { return std::chrono::duration<double>(at - blows.front().at).count(); };
    for (std::size_t i = 0, first = 0; i < failures.size(); ++i) {
      const bool ends = i + 1 == failures.size() || failures[i + 1].begin > failures[i].begin + seconds(1);
      if (!ends) continue;
      std::cout << "  failed from " << offset(failures[first].begin) << " to " << offset(failures[i].end) << "\n";
      first = i + 1;
    }
    for (const auto& blow : blows)
      std::cout << "  " << offset(blow.at) << " to " << offset(blow.mended) << ": " << blow.fault << "\n";
    for (const auto& [name, since] : holders_) std::cout << "  " << name << " held it at " << offset(since) << "\n";
    std::cout << lab().sql("SELECT at, kind, object, text FROM events WHERE kind LIKE 'device.%' ORDER BY id") << "\n";
  }

  // Each of these looks at something that must not happen: it proves nothing if it was not tried.
  void expectFaultsHadTheirWay(const Faults& faults) {
    EXPECT_THAT(faults.wrong(), ::testing::IsEmpty());
    EXPECT_GT(faults.connectionsCut(), 0);  // a kernel may know no way to do it, and then says nothing
    EXPECT_GT(faults.ordersRefused(), 0);
    EXPECT_GT(faults.seenReturning(), 0);
    EXPECT_GT(faults.nodesDisabled(), 0);
    std::cout << "  " << faults.jobsStolen() << " jobs stolen by impostors, " << faults.ordersRefused()
              << " orders of theirs refused, " << faults.nodesDisabled() << " nodes disabled at a proxy's socket\n";
  }

  // Of three nodes of a database one may die at any time, and no client hears of it; only while
  // one that does not answer is waited for may a call be refused.
  void expectRefusedOnlyWithoutDatabase(const std::vector<Refusal>& refusals, const std::vector<Nemesis::Blow>& blows) {
    const auto excuses = [](const Refusal& refusal) {
      return [&](const Nemesis::Blow& blow) {
        return blow.stops_database && refusal.end >= blow.at && refusal.begin <= blow.mended + kExcused;
      };
    };
    for (const auto& refusal : refusals)
      EXPECT_TRUE(std::any_of(blows.begin(), blows.end(), excuses(refusal))) << refusal.what;
  }

  void expectOnlyStruckDevicesLost(const std::vector<Nemesis::Blow>& blows) {
    std::set<std::string> struck;
    for (const auto& blow : blows) struck.insert(blow.device);
    // Rows of removed devices are gone; the journal keeps their names.
    const auto lost =
        words(lab().sql("SELECT SUBSTRING_INDEX(built.text, ' ', 1) FROM events lost JOIN events built USING (object) "
                        "WHERE lost.kind = 'device.lost' AND built.kind = 'device.built'"));
    for (const auto& device : lost) EXPECT_EQ(struck.count(device), 1u) << device << " was lost, but nothing struck it";
    std::cout << "  " << lost.size() << " devices lost\n";
  }

  void expectAsTold(const Tenant& tenant, const std::string& token) {
    EXPECT_THAT(tenant.wrong(), ::testing::IsEmpty());
    for (const auto& [id, lb] : tenant.told()) {
      SCOPED_TRACE("load balancer " + id);
      if (lb.deleted)
        EXPECT_TRUE(waitFor([&] { return show(id, token).status == 404; }, kCalm)) << show(id, token).body;
      else
        expectServed(id, lb, token);
    }
  }

  void expectServed(const std::string& id, const Acknowledged& lb, const std::string& token) {
    EXPECT_TRUE(waitFor([&] { return statusIn(show(id, token)) == "ACTIVE"; }, kCalm)) << show(id, token).body;
    const auto body = *json::parse(show(id, token).body);
    EXPECT_EQ(shownIn(body), lb) << show(id, token).body;
    const auto vip = body["virtualIps"][0]["address"].text();
    EXPECT_EQ(libra_.holdersOf(vip), lab().deviceOf(id)) << vip;
    std::string nodes;
    for (const int node : lb.nodes) nodes += (nodes.empty() ? "node" : " node") + std::to_string(node);
    EXPECT_TRUE(lab().isServedBy(vip, nodes)) << vip << " by " << nodes;
  }

  void expectNothingLeaked() {
    EXPECT_TRUE(waitFor([&] { return libra_.spares() == WholeLibra::kSpares && strays().empty(); }, kCalm))
        << libra_.spares() << " spares, namespaces without a device: " << strays();
    EXPECT_EQ(
        lab().sql("SELECT device FROM load_balancers WHERE status <> 'DELETED' GROUP BY device HAVING COUNT(*) > 1"),
        "");
    EXPECT_EQ(lab().sql("SELECT device FROM vips WHERE device IS NOT NULL GROUP BY device HAVING COUNT(*) > 1"), "");
    EXPECT_EQ(lab().sql("SELECT name FROM devices WHERE status <> 'DELETED' AND generation <> applied_generation"), "");
    EXPECT_EQ(lab().sql("SELECT t.name FROM tenants t WHERE load_balancers <> (SELECT COUNT(*) FROM load_balancers l "
                        "WHERE l.tenant = t.name AND l.status <> 'DELETED')"),
              "");
  }
  std::string strays() {
    const auto known = words(lab().sql("SELECT name FROM devices WHERE status <> 'DELETED'"));
    std::string strays;
    for (const auto& name : libra_.deviceNames())
      if (known.count(name) == 0) strays += name + " ";
    return strays;
  }

  http::Response show(const std::string& id, const std::string& token) {
    return lab().api("GET", "/loadbalancers/" + id, "", token);
  }
  static std::string statusIn(const http::Response& answer) {
    const auto body = json::parse(answer.body);
    return body ? (*body)["status"].text() : "";
  }

  WholeLibra libra_;
  std::string vip_;
  long answer_bytes_ = 0;
  std::map<std::string, UsageWatch::Instant> holders_;  // of the VIP, since when
};

TEST_F(Chaos, WhatWasAcknowledgedIsSoAndNothingElse) {
  const auto seed = static_cast<std::uint32_t>(fromEnvironment("LIBRA_SEED", std::random_device{}()));
  const auto minutes = fromEnvironment("LIBRA_MINUTES", 2);
  std::cout << "  seed " << seed << ", " << minutes << " minutes" << std::endl;

  const auto untouched = lab().create("untouched");
  ASSERT_TRUE(lab().becomes(untouched, "ACTIVE"));
  vip_ = lab().vipOf(untouched);
  UsageWatch usage(lab(), untouched);
  ASSERT_NO_FATAL_FAILURE(measureAnswer(usage));
  traffic::SteadyClient client(*NetAddress::parse(vip_), 80,
                               {.netns = lab().netns("client"), .pace = milliseconds(20), .patience = seconds(2)});
  ASSERT_TRUE(client.waitForAnswers(5));

  Tenant alice(lab(), "LIBRA_TOKEN", seed), alices_twin(lab(), "LIBRA_TOKEN", seed + 1),
      bob(lab(), "LIBRA_OTHER_TOKEN", seed + 2);
  Nemesis nemesis(libra_, seed + 3, vip_);
  watchFor(std::chrono::minutes(minutes));
  nemesis.stop();
  for (Tenant* tenant : {&alice, &alices_twin, &bob}) tenant->stop();
  libra_.revive();
  watchFor(kExcused);
  client.stop();

  expectUntouchedServed(client.attempts(), nemesis.blows());
  expectUsageTold(usage, client, nemesis.blows());
  expectFaultsHadTheirWay(nemesis.faults());
  expectOnlyStruckDevicesLost(nemesis.blows());
  for (const Tenant* tenant : {&alice, &alices_twin, &bob})
    expectRefusedOnlyWithoutDatabase(tenant->refusals(), nemesis.blows());
  expectRefusedOnlyWithoutDatabase(nemesis.faults().refusals(), nemesis.blows());
  EXPECT_TRUE(lab().isServedBy(vip_, "node1 node2")) << "somebody at a proxy's socket has the last word";
  expectAsTold(alice, "LIBRA_TOKEN");
  expectAsTold(alices_twin, "LIBRA_TOKEN");
  expectAsTold(bob, "LIBRA_OTHER_TOKEN");
  expectNothingLeaked();
  std::cout << "  " << nemesis.blows().size() << " faults, " << alice.calls() + alices_twin.calls() + bob.calls()
            << " calls, " << alice.repeats() + alices_twin.repeats() + bob.repeats() << " of them repeated, "
            << alice.told().size() + alices_twin.told().size() + bob.told().size() << " load balancers, "
            << client.attempts().size() << " requests of the untouched one\n";
}

}  // namespace
}  // namespace libra::test
