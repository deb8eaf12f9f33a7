# The include rules and the rest of the house's law; no build is needed for it.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
add_test(NAME unit/house
         COMMAND Python3::Interpreter -B ${CMAKE_CURRENT_LIST_DIR}/house_test.py ${CMAKE_SOURCE_DIR})
set_tests_properties(unit/house PROPERTIES LABELS unit TIMEOUT 120)
