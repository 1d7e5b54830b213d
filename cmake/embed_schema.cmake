# Defines schemaSteps() of controller/store/mysql/migrate.h from controller/store/schema/NNNN_name.sql.
file(GLOB steps CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/controller/store/schema/*.sql)
set(rows "")
foreach(step ${steps})
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${step})
  get_filename_component(file ${step} NAME_WE)
  string(REGEX REPLACE "^0*([0-9]+)_.*$" "\\1" version ${file})
  string(REGEX REPLACE "^[0-9]+_" "" name ${file})
  file(READ ${step} sql)
  string(APPEND rows "    {${version}, \"${name}\", R\"sql(${sql})sql\"},\n")
endforeach()

set(LIBRA_SCHEMA_SOURCE ${CMAKE_BINARY_DIR}/controller/store/schema_steps.cc)
file(CONFIGURE OUTPUT ${LIBRA_SCHEMA_SOURCE} @ONLY CONTENT "#include \"controller/store/mysql/migrate.h\"

namespace libra::store::mysql {

std::span<const SchemaStep> schemaSteps() {
  static constexpr SchemaStep kSteps[] = {
${rows}  };
  return kSteps;
}

}  // namespace libra::store::mysql
")
