# Compiles the files of web/ into a target: include(pages.cmake), then gateway_pages(TARGET).
# As a script (cmake -P) it writes the C file: -DOUT=... -DFILES=a;b;...
if(CMAKE_SCRIPT_MODE_FILE)
	set(arrays "")
	set(table "")
	set(i 0)
	foreach(file ${FILES})
		file(READ ${file} hex HEX)
		get_filename_component(name ${file} NAME)
		string(REGEX REPLACE "(..)" "0x\\1," bytes "${hex}")
		string(REGEX REPLACE "(0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,)" "\\1\n" bytes "${bytes}")
		string(APPEND arrays "static const unsigned char file_${i}[] = {${bytes}0};\n")
		string(APPEND table "\t{\"${name}\", file_${i}, sizeof file_${i} - 1},\n")
		math(EXPR i "${i} + 1")
	endforeach()
	file(WRITE ${OUT} "#include \"services/gateway/pages_data.h\"\n\n${arrays}\n"
		"const struct page_file page_files[] = {\n${table}\t{0},\n};\n")
	return()
endif()

set(GATEWAY_PAGES_CMAKE ${CMAKE_CURRENT_LIST_FILE})

function(gateway_pages target)
	file(GLOB files CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/web/*.html ${CMAKE_SOURCE_DIR}/web/*.css
		${CMAKE_SOURCE_DIR}/web/*.js ${CMAKE_SOURCE_DIR}/web/*.svg)
	set(out ${CMAKE_CURRENT_BINARY_DIR}/pages_data.c)
	add_custom_command(OUTPUT ${out}
		COMMAND ${CMAKE_COMMAND} -DOUT=${out} "-DFILES=${files}" -P ${GATEWAY_PAGES_CMAKE}
		DEPENDS ${files} ${GATEWAY_PAGES_CMAKE} VERBATIM)
	target_sources(${target} PRIVATE ${out})
endfunction()
