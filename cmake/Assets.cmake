# Files inside the program: halcyon_assets() makes a C++ file that includes them byte by byte (.incbin) and lists them with
# type and ETag (of the content, so it is compiled again exactly when a file changed). Nothing is needed at run time.
#
#   halcyon_assets(OUT assets.cpp FILES "/=${CMAKE_CURRENT_SOURCE_DIR}/index.html" ...)
#
# With -P it is the script that writes the file.
if(NOT CMAKE_SCRIPT_MODE_FILE)
  set(HALCYON_ASSETS_SCRIPT ${CMAKE_CURRENT_LIST_FILE})

  function(halcyon_assets)
    cmake_parse_arguments(ASSETS "" "OUT" "FILES" ${ARGN})
    list(SORT ASSETS_FILES)
    set(sources ${ASSETS_FILES})
    list(TRANSFORM sources REPLACE "^[^=]*=" "")
    list(JOIN ASSETS_FILES "\n" lines)
    file(CONFIGURE OUTPUT ${ASSETS_OUT}.list CONTENT "@lines@\n" @ONLY)
    add_custom_command(
      OUTPUT ${ASSETS_OUT}
      COMMAND ${CMAKE_COMMAND} -DLIST=${ASSETS_OUT}.list -DOUT=${ASSETS_OUT} -P ${HALCYON_ASSETS_SCRIPT}
      DEPENDS ${sources} ${ASSETS_OUT}.list ${HALCYON_ASSETS_SCRIPT}
      COMMENT "Listing the dashboard's files"
      VERBATIM)
  endfunction()
  return()
endif()

set(TYPE_html "text/html; charset=utf-8")
set(TYPE_css "text/css; charset=utf-8")
set(TYPE_js "text/javascript; charset=utf-8")
set(TYPE_svg "image/svg+xml")

file(STRINGS ${LIST} entries)
set(n 0)
set(includes "")
set(symbols "")
set(rows "")
foreach(entry IN LISTS entries)
  string(FIND "${entry}" "=" at)
  string(SUBSTRING "${entry}" 0 ${at} path)
  math(EXPR at "${at} + 1")
  string(SUBSTRING "${entry}" ${at} -1 file)
  get_filename_component(suffix ${file} LAST_EXT)
  string(SUBSTRING "${suffix}" 1 -1 suffix)
  if(NOT DEFINED TYPE_${suffix})
    message(FATAL_ERROR "${file}: no content type is known for .${suffix} (cmake/Assets.cmake)")
  endif()
  file(SHA256 ${file} hash)
  string(SUBSTRING ${hash} 0 32 hash)
  set(name halcyon_asset_${n})
  string(APPEND includes
         "    \"${name}: .incbin \\\"${file}\\\"\\n\"\n"
         "    \"${name}_end: .byte 0\\n\"\n"
         "    \".global ${name}, ${name}_end\\n\"\n"
         "    \".hidden ${name}, ${name}_end\\n\"\n")
  string(APPEND symbols "extern const char ${name}[];\nextern const char ${name}_end[];\n")
  string(APPEND rows "    {\"${path}\", \"${TYPE_${suffix}}\", R\"(\"${hash}\")\", between(${name}, ${name}_end)},\n")
  math(EXPR n "${n} + 1")
endforeach()

file(WRITE ${OUT} "// Written by cmake/Assets.cmake.
#include \"admin/assets.hpp\"

#include <algorithm>

asm(\".pushsection .rodata\\n\"
${includes}    \".popsection\\n\");

extern \"C\" {
${symbols}}

namespace halcyon::admin {
namespace {

std::string_view between(const char* begin, const char* end) {
    return {begin, static_cast<std::size_t>(end - begin)};
}

const Asset all[]{
${rows}};

}  // namespace

std::span<const Asset> assets() { return all; }

const Asset* find_asset(std::string_view path) {
    const auto at = std::lower_bound(std::begin(all), std::end(all), path,
                                     [](const Asset& a, std::string_view p) { return a.path < p; });
    return at != std::end(all) && at->path == path ? at : nullptr;
}

}  // namespace halcyon::admin
")
