#!/bin/sh
# Opens the window on macOS by double click (and on Linux, called by Fabric Desktop.desktop): finds a Python that is
# new enough and runs main.py beside this file. What goes wrong stays on the screen until Return is pressed.
cd -- "$(dirname -- "$0")" || exit 3

for candidate in python3.13 python3.12 python3.11 python3.14 python3 python \
    /opt/homebrew/bin/python3 /usr/local/bin/python3 /Library/Frameworks/Python.framework/Versions/Current/bin/python3
do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
        "$candidate" main.py "$@"
        code=$?
        break
    fi
done

if [ -z "${code+set}" ]; then
    echo "没有找到 Python 3.11 至 3.14。请从 python.org 安装后再双击。"
    echo "No Python 3.11 to 3.14 was found. Please install one from python.org, then double-click again."
    code=3
fi

if [ "$code" -ne 0 ] && [ -t 0 ]; then
    printf '%s' "按回车键关闭 / Press Return to close "
    read -r _
fi
exit "$code"
