# What the library is built from: ExecuTorch (the Python wheel), FlatBuffers headers, GDAL, fmt.
#
# Sets sectile_private_dependencies, the libraries behind the public headers. Users of the installed package find them again
# in sectileConfig.cmake.

set(SECTILE_EXECUTORCH_DIR
    ""
    CACHE PATH "The executorch folder of a Python environment; empty: the one in .venv")

# The wheel's folder in this project's own virtual environment, whatever its Python version is.
function(sectile_default_executorch_dir out)
  file(GLOB found LIST_DIRECTORIES true
       ${CMAKE_CURRENT_SOURCE_DIR}/.venv/lib/python3*/site-packages/executorch)
  list(POP_FRONT found first)
  set(${out} "${first}" PARENT_SCOPE)
endfunction()

if(SECTILE_EXECUTORCH_DIR)
  set(sectile_executorch_dir ${SECTILE_EXECUTORCH_DIR})
else()
  sectile_default_executorch_dir(sectile_executorch_dir)
endif()
if(NOT EXISTS "${sectile_executorch_dir}/lib/cmake/executorch")
  message(FATAL_ERROR "[configure] no ExecuTorch at '${sectile_executorch_dir}': run `make setup`, "
                      "or pass -DSECTILE_EXECUTORCH_DIR=<site-packages/executorch>")
endif()

# The kernels and the XNNPACK backend register themselves when they are loaded and nothing refers to them by name. Their
# targets carry the link options that keep them, and the definitions that the layout of ExecuTorch's structs depends on.
find_package(
  executorch 1.5 REQUIRED CONFIG
  COMPONENTS runtime kernels_optimized backend_xnnpack threadpool
  PATHS ${sectile_executorch_dir}
  NO_DEFAULT_PATH)
find_package(fmt REQUIRED)
find_package(Threads REQUIRED)

set(sectile_private_dependencies
    executorch::runtime
    executorch::kernels_optimized
    executorch::backend_xnnpack
    executorch::threadpool
    fmt::fmt
    Threads::Threads)

if(SECTILE_WITH_GDAL)
  find_package(GDAL 3.6 REQUIRED CONFIG)
  list(APPEND sectile_private_dependencies GDAL::GDAL)
endif()
