#include "tests/contract/store/rows.h"

namespace libra::test::rows {

TEST_P(StoreContract, EventsAreReadInOrderFromWhereAReaderStopped) {
  const auto later = kNow + std::chrono::seconds(5);
  run([&](Txn& txn) {
    txn.journal().append({{"device.lost", "device/1", "one"}, {"device.lost", "device/2", "two"}}, kNow);
    txn.journal().append({{"device.lost", "device/3", "three"}}, later);
  });
  const auto after = [&](std::int64_t id, Time before, int most = 9) {
    return in([&](Txn& txn) { return txn.journal().eventsAfter(id, before, most); });
  };
  const auto all = after(0, later + std::chrono::seconds(1));
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].object, "device/1");
  EXPECT_EQ(after(0, later).size(), 2u);
  EXPECT_EQ(after(0, later, 1).size(), 1u);
  ASSERT_EQ(after(all[1].id, later + std::chrono::seconds(1)).size(), 1u);
  EXPECT_FALSE(in([&](Txn& txn) { return txn.journal().position("alerts"); }));
  for (const auto id : {all[0].id, all[1].id}) run([&](Txn& txn) { txn.journal().setPosition("alerts", id, kNow); });
  EXPECT_EQ(in([&](Txn& txn) { return txn.journal().position("alerts"); }), all[1].id);
}

TEST_P(StoreContract, OldRowsOfTheJournalAreForgotten) {
  const auto later = kNow + std::chrono::hours(24);
  run([&](Txn& txn) {
    txn.journal().event({"device.lost", "device/1", "old"}, kNow);
    txn.journal().event({"device.lost", "device/2", "new"}, later);
    txn.journal().beginAudit({"a", "ADMIN", "r", "PUT", "/", ""}, kNow);
  });
  EXPECT_EQ(in([&](Txn& txn) { return txn.journal().forget(later, 9); }), 2);
  const auto left = in([&](Txn& txn) { return txn.journal().eventsAfter(0, later + std::chrono::hours(1), 9); });
  ASSERT_EQ(left.size(), 1u);
  EXPECT_EQ(left[0].object, "device/2");
  EXPECT_TRUE(in([&](Txn& txn) { return txn.journal().audits(1'000'000, 9); }).empty());
}

TEST_P(StoreContract, CountersAddUp) {
  run([](Txn& txn) { txn.journal().addCounters({{"api_node_get", 2}, {"vips_built", 1}}); });
  run([](Txn& txn) { txn.journal().addCounters({{"api_node_get", 40}}); });
  EXPECT_THAT(in([](Txn& txn) { return txn.journal().counters(); }),
              UnorderedElementsAre(Pair("api_node_get", 42), Pair("vips_built", 1)));
}

TEST_P(StoreContract, ManyAtOnceCountExactly) {
  inParallel(8, [&](int) {
    for (int i = 0; i < 10; ++i) run([](Txn& txn) { txn.journal().addCounters({{"a", 1}, {"b", 2}}); });
  });
  EXPECT_THAT(in([](Txn& txn) { return txn.journal().counters(); }),
              UnorderedElementsAre(Pair("a", 80), Pair("b", 160)));
}

TEST_P(StoreContract, EventsOfAnyLengthAreTaken) {
  run([](Txn& txn) { txn.journal().event({"device.built", "device/7", std::string(5000, 'x')}, kNow); });
}

TEST_P(StoreContract, EventsAreReadBackTheNewestFirstInPages) {
  run([](Txn& txn) {
    for (const char* object : {"device/7", "device/8", "device/7"})
      txn.journal().event({"device.error", object, "lost"}, kNow);
  });
  const auto of = [&](const char* object, std::int64_t before, int most) {
    return in([&](Txn& txn) { return txn.journal().events(object, before, most); });
  };
  const auto all = of("", kNoEnd, 10);
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].kind + all[0].object + all[0].text, "device.errordevice/7lost");
  EXPECT_EQ(all[0].at, kNow);
  EXPECT_GT(all[0].id, all[1].id);
  EXPECT_THAT(idsOf(of("", all[0].id, 1)), ElementsAre(all[1].id));
  EXPECT_THAT(idsOf(of("device/7", kNoEnd, 10)), ElementsAre(all[0].id, all[2].id));
  EXPECT_THAT(of("device/", kNoEnd, 10), IsEmpty());
}

TEST_P(StoreContract, AnAuditRowIsThereBeforeItIsAnswered) {
  const model::NewAudit row{"operator", "ADMIN", "req-1", "PUT", "/v2.0/status/limits", R"({"maxLoadBalancers": 5})"};
  const auto id = in([&](Txn& txn) { return txn.journal().beginAudit(row, kNow); });
  const auto audits = [&] { return in([](Txn& txn) { return txn.journal().audits(kNoEnd, 10); }); };
  ASSERT_EQ(audits().size(), 1u);
  EXPECT_EQ(audits()[0].status, 0);
  run([&](Txn& txn) { txn.journal().endAudit(id, 204); });
  const auto audit = audits()[0];
  EXPECT_EQ(audit.id, id);
  EXPECT_EQ(audit.status, 204);
  EXPECT_EQ(audit.at, kNow);
  EXPECT_EQ(audit.tenant + audit.role + audit.request + audit.method + audit.path + audit.detail,
            "operatorADMINreq-1PUT/v2.0/status/limits{\"maxLoadBalancers\": 5}");
  EXPECT_THAT(in([&](Txn& txn) { return txn.journal().audits(id, 10); }), IsEmpty());
}

TEST_P(StoreContract, AuditRowsTakeWhateverWasSent) {
  const std::string long_text(5000, 'x');
  run([&](Txn& txn) { txn.journal().beginAudit({"a", "ADMIN", long_text, long_text, long_text, long_text}, kNow); });
}

}  // namespace libra::test::rows
