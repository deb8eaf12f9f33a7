# What tools/quickstart and tools/test conclude from; no build is needed for it.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
add_test(NAME unit/tools COMMAND Python3::Interpreter -B ${CMAKE_CURRENT_LIST_DIR}/tools_test.py ${CMAKE_SOURCE_DIR})
set_tests_properties(unit/tools PROPERTIES LABELS unit TIMEOUT 60)
