#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lib/seal/answerer.h"
#include "lib/seal/asker.h"
#include "lib/seal/greeting.h"
#include "lib/tls/digest.h"
#include "tests/support/fake_clock.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tls_files.h"

namespace libra::test {
namespace {

using namespace std::chrono_literals;
using seal::Letter;
using testing::HasSubstr;

constexpr const char* kDevice = "libra:device:dev1";
constexpr const char* kController = "libra:controller";
constexpr const char* kSecret = "the tenant's private key";

class SealTest : public testing::Test {
 protected:
  seal::Hand handOf(const TestCa& ca, const std::string& uri) const {
    static std::atomic<int> made = 0;
    auto hand = seal::Hand::open(ca.issue("hand-" + std::to_string(++made), {.uri = {uri}}));
    if (!hand) throw std::runtime_error(hand.error().message);
    return *std::move(hand);
  }
  seal::Hand handOf(const std::string& uri) const { return handOf(ca_, uri); }

  seal::Answerer answerer(seal::Hand hand, bool plain = false, const std::string& name = kDevice) {
    return {std::move(hand), clock_, {name, kController, plain}, [this](const std::string& body) {
              asked_.push_back(body);
              return "did " + body;
            }};
  }

  // A question that the asker wrote after the device had introduced itself.
  std::string question(const std::string& body) {
    const auto greeting = *asker_.write(kDevice, body);
    if (!greeting.starts_with(seal::kGreeting)) return greeting;
    if (!asker_.read(kDevice, greeting, device_.answer(greeting))) throw std::runtime_error("no introduction");
    return *asker_.write(kDevice, body);
  }

  std::string refusal(const std::string& sent, const std::string& answer) {
    const auto read = asker_.read(kDevice, sent, answer);
    return read ? "none" : read.error().detail;
  }

  TempDir folder_;
  TestCa ca_{folder_.path()};
  FakeClock clock_;
  std::vector<std::string> asked_;
  seal::Asker asker_{handOf(kController), clock_};
  seal::Answerer device_{answerer(handOf(kDevice))};
};

TEST_F(SealTest, AQuestionIsReadByTheDeviceAloneAndItsAnswerByTheAsker) {
  const auto sent = question(kSecret);
  EXPECT_THAT(sent, Not(HasSubstr(kSecret)));
  const auto answer = device_.answer(sent);
  EXPECT_THAT(answer, Not(HasSubstr(kSecret)));
  const auto read = asker_.read(kDevice, sent, answer);
  ASSERT_TRUE(read) << read.error().detail;
  EXPECT_EQ(*read, std::string("did ") + kSecret);
}

TEST_F(SealTest, ALongQuestionWithEveryByteArrivesAsItIs) {
  std::string body(3'000'000, 'x');
  for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>(i * 7);
  const auto sent = question(body);
  EXPECT_EQ(**asker_.read(kDevice, sent, device_.answer(sent)), "did " + body);
}

TEST_F(SealTest, ADeviceIsGreetedBeforeItIsToldAnything) {
  const auto greeting = asker_.write(kDevice, kSecret);
  EXPECT_THAT(*greeting, testing::StartsWith(seal::kGreeting));
  EXPECT_THAT(*greeting, Not(HasSubstr(kSecret)));
}

TEST_F(SealTest, AThiefOfTheNameLearnsNothingAndCannotAnswer) {
  auto thief = answerer(handOf("libra:device:thief"));
  const auto greeting = *asker_.write(kDevice, kSecret);
  EXPECT_THAT(refusal(greeting, thief.answer(greeting)), HasSubstr("somebody else"));
  EXPECT_TRUE(asker_.write(kDevice, kSecret)->starts_with(seal::kGreeting));

  const auto sent = question(kSecret);
  EXPECT_FALSE(handOf("libra:device:thief").open(sent));
  EXPECT_THAT(refusal(sent, thief.answer(sent)), HasSubstr("somebody else"));
  EXPECT_TRUE(asked_.empty());
}

TEST_F(SealTest, AnAnswerIsGoodForItsQuestionAlone) {
  const auto first = question("1"), second = question("2");
  const auto answer = device_.answer(first);
  EXPECT_THAT(refusal(second, answer), HasSubstr("something else"));
  EXPECT_THAT(refusal(second, device_.answer("libra-seal/1 hello 00")), HasSubstr("something else"));
  EXPECT_THAT(refusal(second, second), HasSubstr("not sealed"));
  EXPECT_THAT(refusal(second, ""), HasSubstr("not sealed"));
}

TEST_F(SealTest, AQuestionAskedAgainIsRefused) {
  const auto sent = question("once");
  device_.answer(sent);
  EXPECT_THAT(refusal(sent, device_.answer(sent)), HasSubstr("asked before"));
  EXPECT_EQ(asked_.size(), 1u);
}

TEST_F(SealTest, AQuestionIsGoodForFiveMinutes) {
  const auto old = question("old"), early = question("early");
  clock_.advance(seal::Answerer::kFresh + 1s);
  EXPECT_THAT(refusal(old, device_.answer(old)), HasSubstr("301 s ago"));
  const auto fresh = question("fresh");
  EXPECT_EQ(refusal(fresh, device_.answer(fresh)), "none");
  EXPECT_EQ(asked_.size(), 1u);
}

TEST_F(SealTest, OnlyAControllerMayAskAndOnlyWhomItMeans) {
  seal::Asker stranger(handOf("libra:device:thief"), clock_);
  const auto greeting = *stranger.write(kDevice, "DELETE");
  ASSERT_TRUE(stranger.read(kDevice, greeting, device_.answer(greeting)));
  const auto sent = *stranger.write(kDevice, "DELETE");
  const auto refused = stranger.read(kDevice, sent, device_.answer(sent));
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().detail, HasSubstr("may not ask"));

  const auto controller = handOf(kController), other = handOf("libra:device:other");
  const auto reader = other.open(*other.sign(""))->signer;
  const auto meant = seal::writeLetter({Letter::Kind::Question, kDevice, "ab", clock_.now(), "DELETE"});
  const auto answer = answerer(other, false, "libra:device:other").answer(*controller.seal(meant, *reader.certificate));
  EXPECT_THAT(controller.open(answer, {&reader, 1})->content, HasSubstr("meant for libra:device:dev1"));
  EXPECT_TRUE(asked_.empty());
}

TEST_F(SealTest, AnotherAuthorityIsNobody) {
  const TestCa foreign(folder_.path(), "foreign");
  auto impostor = answerer(handOf(foreign, kDevice));
  const auto greeting = *asker_.write(kDevice, kSecret);
  EXPECT_THAT(refusal(greeting, impostor.answer(greeting)), HasSubstr("stranger"));
}

TEST_F(SealTest, ADeviceWithANewCertificateIntroducesItselfAgain) {
  question("before");
  auto renewed = answerer(handOf(kDevice));
  const auto stale = *asker_.write(kDevice, "after");
  const auto introduced = asker_.read(kDevice, stale, renewed.answer(stale));
  ASSERT_TRUE(introduced) << introduced.error().detail;
  EXPECT_FALSE(*introduced);
  const auto sent = *asker_.write(kDevice, "after");
  EXPECT_EQ(**asker_.read(kDevice, sent, renewed.answer(sent)), "did after");
}

TEST_F(SealTest, WhoHasAnsweredOnceKnowsTheAskersCertificate) {
  const auto first = question("x");
  EXPECT_EQ(**asker_.read(kDevice, first, device_.answer(first)), "did x");
  const auto second = question("x");
  EXPECT_LT(second.size() + 300, first.size());  // a certificate less
  EXPECT_EQ(**asker_.read(kDevice, second, device_.answer(second)), "did x");
}

TEST_F(SealTest, ADeviceThatStartedAgainIsShownTheCertificateAgain) {
  const auto dev = ca_.issue("dev", {.uri = {kDevice}});
  auto before = answerer(*seal::Hand::open(dev)), after = answerer(*seal::Hand::open(dev));
  const auto ask = [&](seal::Answerer& device) {
    const auto sent = *asker_.write(kDevice, "x");
    return *asker_.read(kDevice, sent, device.answer(sent));
  };
  EXPECT_FALSE(ask(before));  // introduces itself
  EXPECT_TRUE(ask(before));
  EXPECT_FALSE(ask(after));
  EXPECT_EQ(ask(after), "did x");
  EXPECT_EQ(ask(after), "did x");
}

TEST_F(SealTest, AChangedByteIsRefused) {
  const auto sent = question("x");
  for (std::size_t i = 0; i < sent.size(); i += 13) {
    auto changed = sent;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    device_.answer(changed);
  }
  EXPECT_TRUE(asked_.empty() || asked_ == std::vector<std::string>{"x"});  // its encoding may not matter, its text does
}

TEST_F(SealTest, PlainJobsAreTakenWhereTheSettingSaysSo) {
  auto lenient = answerer(handOf(kDevice), true);
  EXPECT_EQ(lenient.answer("{}"), "did {}");
  device_.answer("{}");
  EXPECT_EQ(asked_, std::vector<std::string>{"{}"});
  const auto greeting = *asker_.write(kDevice, "sealed");
  EXPECT_TRUE(asker_.read(kDevice, greeting, lenient.answer(greeting)));
}

TEST_F(SealTest, WithoutACertificateThereAreOnlyPlainJobs) {
  const auto echo = [](const std::string& body) { return body; };
  const auto plain = seal::answering({}, clock_, {kDevice, kController, true}, echo);
  ASSERT_TRUE(plain);
  EXPECT_EQ((*plain)("{}"), "{}");
  EXPECT_FALSE(seal::answering({}, clock_, {kDevice, kController, false}, echo));
  EXPECT_FALSE(seal::Hand::open({.ca = ca_.caFile()}));
}

TEST(Letter, IsReadAsItWasWritten) {
  const Letter letter{Letter::Kind::Refusal, kController, "00ff", Time(1234567890123ms), std::string("a\0\n b", 5)};
  const auto read = seal::readLetter(writeLetter(letter));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->kind, letter.kind);
  EXPECT_EQ(read->to, letter.to);
  EXPECT_EQ(read->about, letter.about);
  EXPECT_EQ(read->at, letter.at);
  EXPECT_EQ(read->body, letter.body);
}

class NoLetter : public testing::TestWithParam<const char*> {};

TEST_P(NoLetter, IsRefused) { EXPECT_FALSE(seal::readLetter(GetParam())); }

INSTANTIATE_TEST_SUITE_P(Letter, NoLetter,
                         testing::Values("", "\n", "libra-seal/1 question libra:controller ab 1",
                                         "libra-seal/2 question libra:controller ab 1\n",
                                         "libra-seal/1 order libra:controller ab 1\n", "libra-seal/1 question  ab 1\n",
                                         "libra-seal/1 question libra:controller xy 1\n",
                                         "libra-seal/1 question libra:controller ab -1\n",
                                         "libra-seal/1 question libra:controller ab 1 \n",
                                         "libra-seal/1 question libra:controller ab 99999999999999999999\n",
                                         "libra-seal/1 question libra:controller ab 4102444800001\n"));

}  // namespace
}  // namespace libra::test
