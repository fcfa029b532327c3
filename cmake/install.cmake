# `cmake --install` puts the library, its headers and a CMake package under the prefix:
# find_package(sectile) then offers sectile::sectile.

include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(sectile_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/sectile)

install(TARGETS sectile EXPORT sectileTargets)
if(TARGET sectile_cli)
  install(TARGETS sectile_cli)
  set(sectile_help_dir ${PROJECT_BINARY_DIR}/help)
  install(FILES ${sectile_help_dir}/sectile.bash RENAME sectile
          DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions COMPONENT help)
  install(FILES ${sectile_help_dir}/_sectile
          DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions COMPONENT help)
  install(FILES ${sectile_help_dir}/sectile.fish
          DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d COMPONENT help)
  install(DIRECTORY ${sectile_help_dir}/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT help
          FILES_MATCHING PATTERN "*.1")
endif()
install(DIRECTORY include/sectile DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT sectileTargets NAMESPACE sectile:: DESTINATION ${sectile_package_dir})

configure_package_config_file(cmake/sectileConfig.cmake.in ${PROJECT_BINARY_DIR}/sectileConfig.cmake
                              INSTALL_DESTINATION ${sectile_package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/sectileConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/sectileConfig.cmake ${PROJECT_BINARY_DIR}/sectileConfigVersion.cmake
        DESTINATION ${sectile_package_dir})
