# The command line against a scripted sidecar, in shells and on a terminal: only the program is needed.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
add_custom_target(contract_cli ALL DEPENDS halcyon)
add_test(NAME contract/cli
         COMMAND Python3::Interpreter -B ${CMAKE_CURRENT_LIST_DIR}/command_test.py --halcyon $<TARGET_FILE:halcyon>)
set_tests_properties(contract/cli PROPERTIES LABELS contract TIMEOUT 300)
