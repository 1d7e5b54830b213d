#include "controller/store/mysql/vote_table.h"

namespace libra::store::mysql {

using model::Vote;

namespace {

Vote fromRow(Row& row) {
  Vote vote;
  row.read(vote.device, vote.voter, vote.lost);
  return vote;
}

}  // namespace

std::vector<Vote> VoteTable::list() {
  return db_.all("SELECT device, voter, lost FROM votes ORDER BY device, voter", fromRow);
}

void VoteTable::cast(const Vote& vote) {
  db_.change("INSERT INTO votes (device, voter, lost) VALUES (?, ?, ?) ON DUPLICATE KEY UPDATE lost = VALUES(lost)",
             vote.device, vote.voter, vote.lost);
}

void VoteTable::withdraw(std::string_view device, std::string_view voter) {
  db_.change("DELETE FROM votes WHERE device = ? AND voter = ?", device, voter);
}

void VoteTable::withdrawObjections(std::string_view device) {
  db_.change("DELETE FROM votes WHERE device = ? AND NOT lost", device);
}

void VoteTable::forget(std::string_view voter) { db_.change("DELETE FROM votes WHERE voter = ?", voter); }

}  // namespace libra::store::mysql
