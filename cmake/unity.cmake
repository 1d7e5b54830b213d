# A dozen sources as one translation unit (-DLIBRA_UNITY=ON): what a check or a first
# `make run` builds. Packages, benches and a plain `cmake -B` build source by source, with
# all warnings; two of them are off here, because a neighbour's name is no mistake.

# Folders and files that give a name of their own to what a neighbour calls by it, too.
set(LIBRA_APART controller_store_mysql lib_config lib_daemon lib_gear lib_heartbeat tests_traffic)
set(LIBRA_APART_SOURCES
    controller/api/admin_load_balancers.cc controller/api/admin_vips.cc controller/service/expunge.cc
    controller/service/failover.cc controller/service/load_balancers.cc controller/service/nodes.cc
    lib/protocol/tls_codec.cc sidecar/haproxy/master.cc sidecar/haproxy/runtime_socket.cc
    sidecar/self_check.cc tests/contract/galera_store_test.cc tests/contract/mysql_store_test.cc
    tests/integration/api_server_test.cc
    tests/integration/gearman_gateway_test.cc tests/support/memory_store.cc)
list(TRANSFORM LIBRA_APART_SOURCES PREPEND ${CMAKE_SOURCE_DIR}/)

function(libra_unity target)
  if(NOT LIBRA_UNITY OR target IN_LIST LIBRA_APART)
    return()
  endif()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 12 UNITY_BUILD_UNIQUE_ID LIBRA_UNIT
    # Every file has its own logger, and all call it kLog.
    UNITY_BUILD_CODE_BEFORE_INCLUDE "#define LIBRA_JOINED(a, b) a##b\n#define LIBRA_JOIN(a, b) LIBRA_JOINED(a, b)\n#define kLog LIBRA_JOIN(kLog, LIBRA_UNIT)")
  target_compile_options(${target} PRIVATE -Wno-shadow -Wno-subobject-linkage)
  set_source_files_properties(${LIBRA_APART_SOURCES} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
endfunction()
