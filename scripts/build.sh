# ./arena build
need_packages run build
build release
