# This file says what is installed where on Debian, and how CPack makes a package of it (scripts/package).
include(GNUInstallDirs)

find_program(GZIP gzip REQUIRED)
set(made ${CMAKE_BINARY_DIR}/share)
file(MAKE_DIRECTORY ${made})

# canaryd_compressed(<file>) compresses a file as Debian wants changelogs and manual pages, without a time
# in it.
function(canaryd_compressed file)
  add_custom_command(OUTPUT ${file}.gz COMMAND ${GZIP} -9nkf ${file} DEPENDS ${file})
endfunction()

set(installed_files)
foreach(page canaryd.8 canaryd.json.5 canary-job.5 canaryctl.1 cognigy-sim.1)
  configure_file(${CMAKE_SOURCE_DIR}/docs/man/${page} ${made}/${page}.in @ONLY)
  add_custom_command(OUTPUT ${made}/${page}
    COMMAND canaryd-events manual <${made}/${page}.in >${made}/${page}
    DEPENDS canaryd-events ${made}/${page}.in)
  canaryd_compressed(${made}/${page})
  list(APPEND installed_files ${made}/${page}.gz)
  string(REGEX MATCH "[0-9]$" section ${page})
  install(FILES ${made}/${page}.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
endforeach()
configure_file(${CMAKE_SOURCE_DIR}/config/debian/changelog ${made}/changelog @ONLY)
canaryd_compressed(${made}/changelog)
add_custom_command(OUTPUT ${made}/canaryd.catalog
  COMMAND canaryd-events catalog >${made}/canaryd.catalog DEPENDS canaryd-events)
list(APPEND installed_files ${made}/changelog.gz ${made}/canaryd.catalog)
add_custom_target(package_files DEPENDS ${installed_files})

install(TARGETS canaryd DESTINATION bin)
install(TARGETS canaryctl DESTINATION bin)
install(TARGETS cognigy-sim DESTINATION bin)
install(FILES ${CMAKE_SOURCE_DIR}/systemd/canaryd.service DESTINATION /lib/systemd/system)
install(FILES ${CMAKE_SOURCE_DIR}/systemd/canaryd.sysusers
        DESTINATION lib/sysusers.d RENAME canaryd.conf)
install(FILES ${CMAKE_SOURCE_DIR}/systemd/canaryd.tmpfiles
        DESTINATION lib/tmpfiles.d RENAME canaryd.conf)
install(FILES ${made}/canaryd.catalog DESTINATION lib/systemd/catalog)
install(FILES ${CMAKE_SOURCE_DIR}/config/debian/canaryd.json DESTINATION /etc/canaryd)
# This makes an empty folder.
install(DIRECTORY DESTINATION /etc/canaryd/canaryd.json.d)
install(FILES ${CMAKE_SOURCE_DIR}/config/logrotate/canaryd DESTINATION /etc/logrotate.d)
install(FILES ${CMAKE_SOURCE_DIR}/config/canaryd.json
        ${CMAKE_SOURCE_DIR}/config/canaryd.schema.json
        ${CMAKE_SOURCE_DIR}/config/canary-job.schema.json
        ${CMAKE_SOURCE_DIR}/config/jobs/minimal.json
        ${CMAKE_SOURCE_DIR}/config/jobs/stepped.json
        ${CMAKE_SOURCE_DIR}/config/jobs/sequential.json
        ${CMAKE_SOURCE_DIR}/config/jobs/full.json DESTINATION share/doc/canaryd/examples)
install(FILES ${CMAKE_SOURCE_DIR}/config/prometheus/canaryd.scrape.yml
        ${CMAKE_SOURCE_DIR}/config/prometheus/canaryd.rules.yml
        ${CMAKE_SOURCE_DIR}/config/prometheus/canaryd.rules.test.yml
        DESTINATION share/doc/canaryd/examples/prometheus)
install(FILES ${CMAKE_SOURCE_DIR}/config/grafana/canaryd.json
        DESTINATION share/doc/canaryd/examples/grafana)
install(FILES ${CMAKE_SOURCE_DIR}/docs/metrics.md ${CMAKE_SOURCE_DIR}/docs/judging.md
        ${CMAKE_SOURCE_DIR}/docs/reference.md
        DESTINATION share/doc/canaryd)
install(FILES ${CMAKE_SOURCE_DIR}/config/debian/copyright ${made}/changelog.gz
        DESTINATION share/doc/canaryd)
# bash looks for a file with the program's name.
foreach(program canaryd cognigy-sim)
  install(FILES ${CMAKE_SOURCE_DIR}/config/bash-completion/canaryd
          DESTINATION share/bash-completion/completions RENAME ${program})
endforeach()
install(FILES ${CMAKE_SOURCE_DIR}/config/bash-completion/canaryctl
        DESTINATION share/bash-completion/completions)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
# Everybody may read the folders and only their owner may write, whatever umask the builder has.
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_PACKAGE_NAME canaryd)
set(CPACK_PACKAGE_CONTACT "The canaryd authors <canaryd@packages.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "canary deployments of Cognigy.AI bots")
set(CPACK_PACKAGE_DESCRIPTION
"canaryd deploys a new version of a Cognigy.AI bot to a small share of the
traffic, watches its metrics, and promotes the version or rolls it back.
Operators drop job files into a folder; every decision is in the journal, in
an audit record and in a result file.

The package also has canaryctl, which shows and commands the canaries, and
cognigy-sim, a simulated Cognigy API to try the daemon with.")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# This strips the programs and puts the debug symbols into canaryd-dbgsym. CPACK_STRIP_FILES would strip
# them earlier and leave nothing for canaryd-dbgsym.
set(CPACK_DEBIAN_DEBUGINFO_PACKAGE ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "systemd (>= 252)")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "ca-certificates, logrotate")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
  ${CMAKE_SOURCE_DIR}/config/debian/conffiles ${CMAKE_SOURCE_DIR}/config/debian/postinst
  ${CMAKE_SOURCE_DIR}/config/debian/prerm ${CMAKE_SOURCE_DIR}/config/debian/postrm)
include(CPack)
