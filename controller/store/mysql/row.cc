#include "controller/store/mysql/row.h"

#include <chrono>

namespace libra::store::mysql {

MYSQL_TIME toSql(Time time) {
  using namespace std::chrono;
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(floor<microseconds>(time - day));
  MYSQL_TIME sql{};
  sql.time_type = MYSQL_TIMESTAMP_DATETIME;
  sql.year = static_cast<unsigned>(static_cast<int>(date.year()));
  sql.month = static_cast<unsigned>(date.month());
  sql.day = static_cast<unsigned>(date.day());
  sql.hour = static_cast<unsigned>(clock.hours().count());
  sql.minute = static_cast<unsigned>(clock.minutes().count());
  sql.second = static_cast<unsigned>(clock.seconds().count());
  sql.second_part = static_cast<unsigned long>(clock.subseconds().count());
  return sql;
}

Time fromSql(const MYSQL_TIME& sql) {
  using namespace std::chrono;
  const sys_days day = year(static_cast<int>(sql.year)) / month(sql.month) / std::chrono::day(sql.day);
  return day + hours(sql.hour) + minutes(sql.minute) + seconds(sql.second) + microseconds(sql.second_part);
}

std::optional<NetAddress> Row::addressOf(std::string_view bytes) {
  return NetAddress::fromBytes({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
}

}  // namespace libra::store::mysql
