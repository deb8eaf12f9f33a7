# Rules and dashboard in conf/ against the reference of the metrics; needs PyYAML.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
add_test(NAME unit/monitoring COMMAND Python3::Interpreter -B ${CMAKE_CURRENT_LIST_DIR}/monitoring_test.py ${CMAKE_SOURCE_DIR})
set_tests_properties(unit/monitoring PROPERTIES LABELS unit TIMEOUT 60 SKIP_RETURN_CODE 77)
