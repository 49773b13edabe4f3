# Compiles the files of the pages into a target: include(pages.cmake), then gateway_pages(TARGET).
# As a script (cmake -P) it writes the C file: -DOUT=... "-DFILES=PATH=FILE;..."
if(CMAKE_SCRIPT_MODE_FILE)
	set(bytes "")
	set(externs "")
	set(table "")
	set(i 0)
	foreach(entry ${FILES})
		string(REGEX MATCH "^([^=]*)=(.*)$" entry ${entry})
		set(path ${CMAKE_MATCH_1})
		set(file ${CMAKE_MATCH_2})
		file(SIZE ${file} size)
		# The assembler takes them as they are: a table of numbers would take the compiler minutes.
		string(APPEND bytes "\t\"page_${i}: .incbin \\\"${file}\\\"\\n\"\n")
		string(APPEND externs "extern const unsigned char page_${i}[];\n")
		file(TIMESTAMP ${file} made "%Y%m%d%H%M" UTC)
		string(APPEND table "\t{\"${path}\", page_${i}, ${size}, \"${made}\"},\n")
		math(EXPR i "${i} + 1")
	endforeach()
	file(WRITE ${OUT} "#include \"services/gateway/pages_data.h\"\n\n"
		"__asm__(\".pushsection .rodata\\n\"\n${bytes}\t\".popsection\\n\");\n\n${externs}\n"
		"const struct page_file page_files[] = {\n${table}\t{0},\n};\n")
	return()
endif()

set(GATEWAY_PAGES_CMAKE ${CMAKE_CURRENT_LIST_FILE})

# What is served where. The page at /video-chat, the viewer of /docs and the userscript are there when
# npm could be reached: scripts/common.sh.
set(GATEWAY_PAGES /video-chat/=web/dist/*
	/docs/=web/docs/*.html /docs/=web/docs/*.css /docs/=web/docs/*.js
	/docs/=web/node_modules/swagger-ui-dist/swagger-ui.css
	/docs/=web/node_modules/swagger-ui-dist/swagger-ui-bundle.js
	/=docs/openapi.json
	/=userscript/dist/LMArenaVideoInjector.user.js)

function(gateway_pages target)
	set(files "")
	set(entries "")
	foreach(place ${GATEWAY_PAGES})
		string(REGEX MATCH "^([^=]*)=(.*)$" place ${place})
		set(folder ${CMAKE_MATCH_1})
		file(GLOB found CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${CMAKE_MATCH_2})
		foreach(file ${found})
			get_filename_component(name ${file} NAME)
			list(APPEND files ${file})
			list(APPEND entries ${folder}${name}=${file})
		endforeach()
	endforeach()
	set(out ${CMAKE_CURRENT_BINARY_DIR}/pages_data.c)
	add_custom_command(OUTPUT ${out}
		COMMAND ${CMAKE_COMMAND} -DOUT=${out} "-DFILES=${entries}" -P ${GATEWAY_PAGES_CMAKE}
		DEPENDS ${files} ${GATEWAY_PAGES_CMAKE} VERBATIM)
	set_source_files_properties(${out} PROPERTIES OBJECT_DEPENDS "${files}")
	target_sources(${target} PRIVATE ${out})
endfunction()
