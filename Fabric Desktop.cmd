@echo off
rem Opens the window on Windows by double click, or with a photograph dropped on it: finds a Python that is new enough
rem and 64-bit, and runs main.py beside this file. What goes wrong stays on the screen until a key is pressed.
setlocal EnableExtensions DisableDelayedExpansion
chcp 65001 >nul
title Fabric Desktop
if not exist "%~dp0fabric_desktop\bootstrap\start.py" goto incomplete
set "PYTHON="
for %%V in (3.13 3.12 3.11 3.14 3) do if not defined PYTHON call :try py -%%V
if not defined PYTHON call :try python
if not defined PYTHON call :try python3
if not defined PYTHON goto missing

%PYTHON% "%~dp0main.py" %*
set "CODE=%ERRORLEVEL%"
if not "%CODE%"=="0" pause
exit /b %CODE%

:try
rem Only 0 is a yes: the Microsoft Store's stand-in for python ends with 9009, a Python that is damaged below 0.
%* -c "import sys; sys.exit(sys.version_info < (3, 11) or sys.maxsize < 2 ** 32)" >nul 2>&1
if "%ERRORLEVEL%"=="0" set "PYTHON=%*"
exit /b 0

:missing
echo 没有找到 64 位的 Python 3.11 至 3.14。请从 python.org 安装；已有 Python 安装管理器的，在命令提示符里运行 py install 3.13。然后再双击。
echo No 64-bit Python 3.11 to 3.14 was found. Install one from python.org; where the Python install manager is there already, run "py install 3.13" in a command prompt. Then double-click again.
pause
exit /b 3

:incomplete
echo 旁边缺少程序的其他文件。如果下载的是压缩包，请先全部解压到一个文件夹，再从那个文件夹里双击。
echo The rest of the program is not beside this file. If you fetched a zip, unpack all of it into a folder, then double-click there.
pause
exit /b 3
