@echo off
rem Opens the window on Windows by double click, or with a photograph dropped on it: finds a Python that is new enough
rem and runs main.py beside this file. What goes wrong stays on the screen until a key is pressed.
chcp 65001 >nul
setlocal
title Fabric Desktop
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
%* -c "import sys; sys.exit(sys.version_info < (3, 11))" >nul 2>&1
if not errorlevel 1 set "PYTHON=%*"
exit /b 0

:missing
echo 没有找到 Python 3.11 或更新的版本。请从 python.org 安装 64 位版本，安装时勾选 "Add python.exe to PATH"，然后再双击。
echo No Python 3.11 or newer was found. Install the 64-bit one from python.org, tick "Add python.exe to PATH", then try again.
pause
exit /b 3
