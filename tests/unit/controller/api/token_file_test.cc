#include "controller/api/token_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "lib/base/files.h"
#include "lib/tls/digest.h"
#include "tests/support/temp_dir.h"

namespace libra::api {
namespace {

std::string lineOf(const std::string& token, const std::string& rest) { return tls::sha256Hex(token) + rest + "\n"; }

class TokenFileTest : public testing::Test {
 protected:
  void holds(const std::string& text, mode_t mode = 0640) { ASSERT_TRUE(replaceFile(path_, text, mode)); }
  std::unique_ptr<TokenFile> opened() {
    auto file = TokenFile::open(path_);
    EXPECT_TRUE(file) << file.error().message;
    return file ? *std::move(file) : nullptr;
  }
  std::string refusal() {
    auto file = TokenFile::open(path_);
    return file ? "" : file.error().message;
  }
  static std::string tenantOf(TokenFile& file, const std::string& token) {
    auto caller = file.identify(token);
    return caller ? caller->tenant : caller.error().message;
  }

  test::TempDir dir_;
  const std::string path_ = dir_ / "tokens";
};

TEST_F(TokenFileTest, KnowsTenantAndRoleOfEachToken) {
  holds("# tokens\n\n" + lineOf("one", " 1001 tenant") + lineOf("two", "\t1002  USER # the operator") +
        lineOf("three", " ops ADMIN"));
  auto file = opened();
  ASSERT_TRUE(file);
  const auto one = file->identify("one");
  ASSERT_TRUE(one);
  EXPECT_EQ(one->tenant, "1001");
  EXPECT_EQ(one->role, Role::Tenant);
  EXPECT_EQ(file->identify("two")->role, Role::User);
  EXPECT_EQ(file->identify("three")->role, Role::Admin);
  EXPECT_EQ(file->identify("three")->tenant, "ops");
}

TEST_F(TokenFileTest, KnowsNobodyElse) {
  holds(lineOf("one", " 1001 tenant"));
  auto file = opened();
  ASSERT_TRUE(file);
  for (const std::string& token : {std::string(), std::string("One"), std::string("one "), tls::sha256Hex("one"),
                                   std::string("one\0", 4), std::string(100'000, 'x')}) {
    const auto caller = file->identify(token);
    ASSERT_FALSE(caller);
    EXPECT_EQ(caller.error().code, ErrorCode::Unauthorized);
  }
}

TEST_F(TokenFileTest, TheHashOfNothingIsNoWayIn) {
  holds(lineOf("", " 1001 ADMIN"));
  auto file = opened();
  ASSERT_TRUE(file);
  EXPECT_FALSE(file->identify(""));
}

TEST_F(TokenFileTest, FollowsTheFile) {
  holds(lineOf("one", " 1001 tenant"));
  auto file = opened();
  ASSERT_TRUE(file);
  EXPECT_EQ(tenantOf(*file, "one"), "1001");
  holds(lineOf("two", " 1002 tenant"));
  EXPECT_EQ(tenantOf(*file, "one"), "Token is not valid");
  EXPECT_EQ(tenantOf(*file, "two"), "1002");
}

TEST_F(TokenFileTest, KeepsTheOldTokensWhileTheNewFileIsBroken) {
  holds(lineOf("one", " 1001 tenant"));
  auto file = opened();
  ASSERT_TRUE(file);
  holds("nonsense\n");
  EXPECT_EQ(tenantOf(*file, "one"), "1001");
  ASSERT_EQ(::unlink(path_.c_str()), 0);
  EXPECT_EQ(tenantOf(*file, "one"), "1001");
  holds(lineOf("two", " 1002 tenant"));
  EXPECT_EQ(tenantOf(*file, "one"), "Token is not valid");
  EXPECT_EQ(tenantOf(*file, "two"), "1002");
}

TEST_F(TokenFileTest, NamesFileLineAndFault) {
  const std::string good = lineOf("one", " 1001 tenant");
  const std::string shape = "want '<sha256 of token> <tenant> <role>'";
  const std::string upper_case(64, 'A'), long_tenant(129, 't');
  const struct {
    std::string text, fault;
  } cases[] = {
      {good + "\n# x\nnonsense\n", "line 4: " + shape},
      {lineOf("one", " 1001"), "line 1: " + shape},
      {lineOf("one", " 1001 tenant more"), "line 1: " + shape},
      {good + "secret-token 1001 tenant\n", "line 2: the hash is not 64 lower-case hex digits"},
      {upper_case + " 1001 tenant\n", "line 1: the hash is not 64 lower-case hex digits"},
      {lineOf("one", " " + long_tenant + " tenant"), "line 1: the tenant is longer than 128 bytes"},
      {lineOf("one", " 1001 admin"), "line 1: the role is none of tenant, USER, ADMIN"},
  };
  for (const auto& [text, fault] : cases) {
    holds(text);
    EXPECT_EQ(refusal(), "Token file " + path_ + ": " + fault);
  }
}

TEST_F(TokenFileTest, ATextThatMayBeATokenIsNotRepeatedInTheFault) {
  holds("secret-token 1001 tenant\n");
  EXPECT_EQ(refusal().find("secret-token"), std::string::npos);
}

TEST_F(TokenFileTest, RefusesAFileThatOthersMayWrite) {
  for (mode_t mode : {0660, 0602, 0666}) {
    holds(lineOf("one", " 1001 ADMIN"), mode);
    EXPECT_EQ(refusal(), "Token file " + path_ + ": writable by others than its owner");
  }
}

TEST_F(TokenFileTest, DoesNotTakeUpAFileThatOthersBeganToWrite) {
  holds(lineOf("one", " 1001 tenant"));
  auto file = opened();
  ASSERT_TRUE(file);
  holds(lineOf("two", " 1002 ADMIN"), 0666);
  EXPECT_EQ(tenantOf(*file, "two"), "Token is not valid");
  EXPECT_EQ(tenantOf(*file, "one"), "1001");
}

TEST_F(TokenFileTest, RefusesWhatIsNoFile) {
  EXPECT_EQ(refusal(), "Token file " + path_ + ": No such file or directory");
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  EXPECT_EQ(refusal(), "Token file " + path_ + ": not a regular file");
}

TEST_F(TokenFileTest, AnswersManyThreadsWhileItChanges) {
  holds(lineOf("one", " 1001 tenant"));
  auto file = opened();
  ASSERT_TRUE(file);
  std::vector<std::thread> callers;
  for (int i = 0; i < 4; ++i)
    callers.emplace_back([&] {
      for (int n = 0; n < 200; ++n) EXPECT_EQ(tenantOf(*file, "one"), "1001");
    });
  for (int n = 0; n < 5; ++n) holds(lineOf("one", " 1001 tenant") + lineOf("two", " 1002 tenant"));
  for (auto& caller : callers) caller.join();
}

}  // namespace
}  // namespace libra::api
