#include "controller/store/mysql/statement.h"

#include <algorithm>
#include <new>

namespace libra::store::mysql {

namespace {

constexpr unsigned long kLongestText = 65'535;  // bytes; no column of the schema is wider

bool isNumber(enum_field_types type) {
  switch (type) {
    case MYSQL_TYPE_TINY:
    case MYSQL_TYPE_SHORT:
    case MYSQL_TYPE_INT24:
    case MYSQL_TYPE_LONG:
    case MYSQL_TYPE_LONGLONG:
      return true;
    default:
      return false;
  }
}

bool isTime(enum_field_types type) { return type == MYSQL_TYPE_DATETIME || type == MYSQL_TYPE_TIMESTAMP; }

MYSQL_BIND bindTo(Column& column, const MYSQL_FIELD& field) {
  MYSQL_BIND bind{};
  bind.is_null = &column.null;
  bind.error = &column.truncated;
  bind.length = &column.length;
  if (isNumber(field.type)) {
    bind.buffer_type = MYSQL_TYPE_LONGLONG;
    bind.buffer = &column.number;
    bind.is_unsigned = (field.flags & UNSIGNED_FLAG) != 0;
  } else if (isTime(field.type)) {
    bind.buffer_type = MYSQL_TYPE_DATETIME;
    bind.buffer = &column.time;
  } else {
    column.text.resize(std::clamp(field.length, 1UL, kLongestText));
    bind.buffer_type = MYSQL_TYPE_STRING;
    bind.buffer = column.text.data();
    bind.buffer_length = column.text.size();
  }
  return bind;
}

}  // namespace

MYSQL_BIND Parameter::bind() {
  MYSQL_BIND bind{};
  bind.buffer_type = type_;
  if (type_ == MYSQL_TYPE_LONGLONG) {
    bind.buffer = &number_;
    bind.is_unsigned = unsigned_;
  } else if (type_ == MYSQL_TYPE_DATETIME) {
    bind.buffer = &time_;
  } else if (type_ == MYSQL_TYPE_STRING) {
    bind.buffer = const_cast<char*>(text_.data());  // the library only reads it
    bind.buffer_length = text_.size();
  }
  return bind;
}

std::string placeholders(std::size_t rows, std::size_t columns) {
  std::string row, all;
  for (std::size_t i = 0; i < columns; ++i) row += i == 0 ? "(?" : ", ?";
  for (std::size_t i = 0; i < rows; ++i) all += (i == 0 ? "" : ", ") + row + ")";
  return all;
}

Statement::Statement(MYSQL* connection, std::string_view sql) : sql_(sql), handle_(mysql_stmt_init(connection)) {
  if (!handle_) throw std::bad_alloc();
  if (mysql_stmt_prepare(handle_.get(), sql_.data(), sql_.size()) != 0) fail();
  prepareColumns();
}

void Statement::prepareColumns() {
  const std::unique_ptr<MYSQL_RES, FreeWith<mysql_free_result>> metadata(mysql_stmt_result_metadata(handle_.get()));
  if (!metadata) return;
  const unsigned count = mysql_num_fields(metadata.get());
  const MYSQL_FIELD* fields = mysql_fetch_fields(metadata.get());
  columns_.resize(count);
  for (unsigned i = 0; i < count; ++i) results_.push_back(bindTo(columns_[i], fields[i]));
}

void Statement::execute(std::span<Parameter> parameters) {
  std::vector<MYSQL_BIND> binds;
  for (auto& parameter : parameters) binds.push_back(parameter.bind());
  if (mysql_stmt_param_count(handle_.get()) != binds.size())
    throw DbError{DbError::Kind::Fatal, 0, "wrong number of parameters", sql_};
  if (!binds.empty() && mysql_stmt_bind_param(handle_.get(), binds.data())) fail();
  if (mysql_stmt_execute(handle_.get()) != 0) fail();
  // Of INSERT … RETURNING the server tells the columns only now.
  if (results_.empty() && mysql_stmt_field_count(handle_.get()) > 0) prepareColumns();
  if (results_.empty()) return;
  if (mysql_stmt_bind_result(handle_.get(), results_.data())) fail();
  if (mysql_stmt_store_result(handle_.get()) != 0) fail();
}

bool Statement::fetch() {
  switch (mysql_stmt_fetch(handle_.get())) {
    case 0:
      return true;
    case MYSQL_NO_DATA:
      return false;
    case MYSQL_DATA_TRUNCATED:
      throw DbError{DbError::Kind::Fatal, 0, "a column is longer than this binary allows", sql_};
    default:
      fail();
  }
}

void Statement::freeResult() { mysql_stmt_free_result(handle_.get()); }

void Statement::fail() const {
  const unsigned number = mysql_stmt_errno(handle_.get());
  const char* text = mysql_stmt_error(handle_.get());
  throw DbError{classify(number, text, false), number, text, sql_};
}

}  // namespace libra::store::mysql
