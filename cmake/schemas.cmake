# C++ headers for the formats inside a .pte, generated from the schemas of the installed ExecuTorch, so that the format that
# Sectile writes and the runtime that reads it cannot drift apart.
#
# Target sectile_schemas: #include "program_generated.h" and "runtime_schema_generated.h".

find_path(SECTILE_FLATBUFFERS_INCLUDE_DIR flatbuffers/flatbuffers.h REQUIRED)
# The compiler installed with those headers. Generated code and headers must be of one version, and ExecuTorch's wheel puts a
# flatc of another version on the PATH.
cmake_path(GET SECTILE_FLATBUFFERS_INCLUDE_DIR PARENT_PATH flatbuffers_prefix)
find_program(SECTILE_FLATC flatc PATHS ${flatbuffers_prefix}/bin NO_DEFAULT_PATH REQUIRED)

set(sectile_schema_dir ${CMAKE_CURRENT_BINARY_DIR}/schemas)
set(sectile_schema_files
    exir/_serialize/scalar_type.fbs exir/_serialize/program.fbs
    backends/xnnpack/serialization/runtime_schema.fbs)
list(TRANSFORM sectile_schema_files PREPEND ${sectile_executorch_dir}/)

set(sectile_schema_headers "")
foreach(schema IN LISTS sectile_schema_files)
  cmake_path(GET schema STEM name)
  list(APPEND sectile_schema_headers ${sectile_schema_dir}/${name}_generated.h)
endforeach()

add_custom_command(
  OUTPUT ${sectile_schema_headers}
  COMMAND ${SECTILE_FLATC} --cpp --scoped-enums --gen-object-api --reflect-names
          --force-empty-vectors -o ${sectile_schema_dir}
          ${sectile_schema_files}
  DEPENDS ${sectile_schema_files}
  COMMENT "Generating FlatBuffers headers"
  VERBATIM)

add_library(sectile_schemas INTERFACE ${sectile_schema_headers})
# SYSTEM: generated code is not held to this project's warnings.
target_include_directories(sectile_schemas SYSTEM INTERFACE ${sectile_schema_dir}
                                                            ${SECTILE_FLATBUFFERS_INCLUDE_DIR})
