#include "sidecar/twin_file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "lib/base/files.h"
#include "tests/support/temp_dir.h"

namespace libra::sidecar {
namespace {

class TwinFileTest : public ::testing::Test {
 protected:
  std::string path(int twin) const { return folder / ("state." + std::to_string(twin)); }
  std::string content(int twin) const { return *readFile(path(twin)); }
  void put(int twin, const std::string& content) const { std::ofstream(path(twin)) << content; }

  std::string lastText() const {
    const auto text = TwinFile(folder / "state").read();
    if (!text) return "damaged";
    return text->value_or("nothing");
  }
  void write(const std::string& text) {
    TwinFile file(folder / "state");
    EXPECT_TRUE(file.read());
    EXPECT_TRUE(file.write(text));
  }

  test::TempDir folder;
};

TEST_F(TwinFileTest, TheLastTextIsReadByTheNextLife) {
  EXPECT_EQ(lastText(), "nothing");
  for (const char* text : {"one", "", "  three  \n", "four"}) {
    write(text);
    EXPECT_EQ(lastText(), text);
  }
}

TEST_F(TwinFileTest, OneLifeMayWriteManyTexts) {
  TwinFile file(folder / "state");
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(file.write("text " + std::to_string(i)));
    EXPECT_EQ(lastText(), "text " + std::to_string(i));
  }
}

TEST_F(TwinFileTest, ALongTextLeavesNothingBehind) {
  const std::string large(100'000, 'x');
  write(large);
  write(large);
  write("short");
  EXPECT_EQ(lastText(), "short");
  write("shorter");
  EXPECT_EQ(lastText(), "shorter");
}

// The disk may have got any part of the new text when the power went.
TEST_F(TwinFileTest, AWriteCutAtAnyByteLeavesTheOldText) {
  write("first");
  write("old");
  const auto before = content(1);  // "first", about to be overwritten
  write("new");
  const auto after = content(1);
  ASSERT_EQ(before.size(), after.size());
  for (std::size_t cut = 0; cut < 80; ++cut) {
    const auto torn = after.substr(0, cut) + before.substr(cut);
    put(1, torn);
    EXPECT_EQ(lastText(), torn == after ? "new" : "old") << cut;
  }
}

TEST_F(TwinFileTest, TheFirstWriteCutShortIsTold) {
  write("first");
  put(1, content(1).substr(0, 70));
  EXPECT_EQ(lastText(), "damaged");
}

TEST_F(TwinFileTest, DamageIsOverwritten) {
  put(0, "garbage");
  put(1, "0000000000000000000000000000000000000000000000000000000000000000 1\ntext\n");
  EXPECT_EQ(lastText(), "damaged");
  TwinFile file(folder / "state");
  EXPECT_FALSE(file.read());
  EXPECT_TRUE(file.write("again"));
  EXPECT_EQ(lastText(), "again");
}

TEST_F(TwinFileTest, OnlyItsOwnerMayReadIt) {
  write("secret");
  EXPECT_EQ(std::filesystem::status(path(1)).permissions(), std::filesystem::perms(0600));
}

}  // namespace
}  // namespace libra::sidecar
