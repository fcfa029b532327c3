# How this project's own code is compiled: target sectile_options. Linked inside the build only, so a user's build keeps its own
# warnings and flags.

option(SECTILE_WARNINGS_AS_ERRORS "Stop the build at the first compiler warning" OFF)

add_library(sectile_options INTERFACE)
# -ffp-contract=off: a fused multiply-add rounds once where two operations round twice, and equal bits are the promise here.
# -fno-trapping-math: nobody looks at floating-point exceptions, and without them comparisons become vectors too. No value changes.
target_compile_options(
  sectile_options INTERFACE -Wall -Wextra -Wshadow -Wconversion -Wnon-virtual-dtor
                            -Woverloaded-virtual -ffp-contract=off -fno-trapping-math
                            $<$<BOOL:${SECTILE_WARNINGS_AS_ERRORS}>:-Werror>)
# GCC 12 sees overlapping copies inside std::string where there are none (GCC bug 105651).
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  target_compile_options(sectile_options INTERFACE -Wno-restrict)
endif()
