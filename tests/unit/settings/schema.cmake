# The JSON schema against the files in conf/; needs PyYAML and jsonschema.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
add_test(NAME unit/settings-schema
         COMMAND Python3::Interpreter -B ${CMAKE_CURRENT_LIST_DIR}/schema_test.py ${CMAKE_SOURCE_DIR}/conf)
set_tests_properties(unit/settings-schema PROPERTIES LABELS unit TIMEOUT 120 SKIP_RETURN_CODE 77)
