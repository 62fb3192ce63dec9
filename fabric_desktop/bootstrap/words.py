"""What the set-up says, in Chinese and English at once: nobody has chosen a language yet when it speaks.

Not for the program's own messages, which are in resources/messages and need no such haste.
"""

from __future__ import annotations

import sys
from typing import TextIO

# code -> (Chinese, English), one line each, filled in by str.format
SENTENCES: dict[str, tuple[str, str]] = {
    # progress
    "setup_begins": (
        "首次启动：正在把所需的组件装进 {folder}，只做这一次，需要几分钟。",
        "First start: what the program needs is being installed into {folder}. This happens once and takes minutes.",
    ),
    "setup_resumes": (
        "上次的安装没有完成，现在接着做。",
        "The last set-up did not finish; it goes on from there.",
    ),
    "setup_updates": (
        "程序需要的组件有变化，正在更新 {folder}。",
        "What the program needs has changed; {folder} is being brought up to date.",
    ),
    "setup_adds": (
        "正在 {folder} 里补装所需的组件。",
        "More of what was asked for is being installed into {folder}.",
    ),
    "setup_moved": (
        "{folder} 是在别处建立的（文件夹被移动或复制过），正在重新建立。",
        "{folder} was made in another place (the folder was moved or copied); it is being made again.",
    ),
    "setup_python_gone": (
        "建立 {folder} 时用的 Python 已经不在了，正在重新建立。",
        "The Python that {folder} was made with is gone; it is being made again.",
    ),
    "setup_foreign": (
        "{folder} 不是本程序建立的，也无法使用，已改名为 {aside}。",
        "{folder} was not made by this program and does not work; it was renamed to {aside}.",
    ),
    "setup_waits": (
        "另一个窗口正在安装，等它完成……",
        "Another start is setting up; waiting for it to finish...",
    ),
    "step_venv": ("建立 Python 环境", "making the Python environment"),
    "step_packages": ("安装组件：{sets}", "installing packages: {sets}"),
    "step_check": ("检查", "checking"),
    "pip_build": ("准备安装工具", "preparing the installer"),
    "pip_installing": ("正在安装 {count} 个组件", "installing {count} packages"),
    "pip_retrying": ("网络不稳，正在重试", "the network stumbled, trying again"),
    "pip_still": ("仍在进行，已 {seconds} 秒", "still working, {seconds} s"),
    "setup_done": ("安装完成，用时 {seconds} 秒。", "Set-up finished after {seconds} s."),
    "setup_stopped": (
        "已停止。下次启动会从这里继续。",
        "Stopped. The next start goes on from here.",
    ),
    # problems: what happened, and what to do
    "no_ensurepip": (
        "这个 Python（{python}）缺少 ensurepip，无法建立环境。Debian、Ubuntu 请运行：sudo apt install python3-venv"
        "（或 {package}）；其他系统请安装完整的 Python。",
        "This Python ({python}) lacks ensurepip, so no environment can be made. On Debian and Ubuntu run: "
        "sudo apt install python3-venv (or {package}); elsewhere install a complete Python.",
    ),
    "venv_failed": (
        "无法建立 {folder}：{reason}。详情见 {log}。",
        "{folder} could not be made: {reason}. The details are in {log}.",
    ),
    "no_network": (
        "连不上软件包服务器，组件没有装好。请检查网络或代理。在国内可以先换成镜像，在命令提示符里运行："
        "{python} -m pip config set global.index-url https://pypi.tuna.tsinghua.edu.cn/simple"
        "（pip 的其他设置，如 PIP_INDEX_URL，同样有效）。然后重新启动，会从中断处继续。",
        "The package server cannot be reached, so the set-up is not complete. Check the network or the proxy, or set a "
        "mirror of the package index in a terminal: {python} -m pip config set global.index-url URL (pip's other "
        "settings, such as PIP_INDEX_URL, count too). Then start again: it goes on from here.",
    ),
    "index_refused": (
        "pip 不信任所设的镜像（{host}），因为它的地址不是 https。请把 pip 设置里的地址改成 https，然后重新启动。",
        "pip does not trust the mirror that is set ({host}), since its address is not https. Change the address in "
        "pip's settings to https, then start again.",
    ),
    "path_too_long": (
        "{folder} 的路径太长，Windows 放不下里面的文件。请把程序移到路径较短的文件夹，如 C:\\fabric，然后重新启动。",
        "The path of {folder} is too long for the files that belong in it. Move the program to a folder with a short "
        "path, such as C:\\fabric, and start again.",
    ),
    "runtime_missing": (
        "Windows 缺少运行组件所需的库（{reason}）。请从 https://aka.ms/vs/17/release/vc_redist.x64.exe 安装"
        "微软的 Visual C++ 运行库，然后重新启动。",
        "Windows lacks a library that the packages need ({reason}). Install Microsoft's Visual C++ Redistributable "
        "from https://aka.ms/vs/17/release/vc_redist.x64.exe, then start again.",
    ),
    "bad_certificate": (
        "软件包服务器的证书无法验证。请检查电脑的日期和公司代理的证书（pip 的 cert 设置），然后重新启动。",
        "The package server's certificate cannot be verified. Check this computer's date and your proxy's certificate "
        "(pip's cert setting), then start again.",
    ),
    "disk_full": (
        "磁盘已满。请在 {folder} 所在的磁盘（或临时文件夹 {temporary}）腾出空间，然后重新启动，会从中断处继续。",
        "The disk is full. Free some space on the disk of {folder} (or of the temporary folder {temporary}) and start "
        "again: it goes on from here.",
    ),
    "disk_small": (
        "磁盘空间不够：{folder} 约需 {needed} GB，只剩 {free} GB。请腾出空间后重新启动。",
        "Too little space: {folder} takes about {needed} GB and {free} GB are free. Free some and start again.",
    ),
    "not_writable": (
        "无法写入 {folder}：{reason}。请把程序放到您有写权限的文件夹，或关闭正在使用它的程序，然后重新启动。",
        "{folder} cannot be written: {reason}. Put the program into a folder where you may write, or close what is "
        "using it, then start again.",
    ),
    "no_package": (
        "软件包服务器上没有适合这个 Python（{python}，{machine}）的 {package}。"
        "请从 python.org 安装 64 位的 Python 3.11 至 3.14，再用它启动，或检查 pip 的设置。",
        "The package server has no {package} for this Python ({python}, {machine}). Install a 64-bit Python 3.11 to "
        "3.14 from python.org and start with that, or check pip's settings.",
    ),
    "pip_failed": (
        "组件没有装好：{reason}。完整记录见 {log}。重新启动会从中断处继续。",
        "The packages could not be installed: {reason}. The whole record is in {log}. Another start goes on from here.",
    ),
    "packages_damaged": (
        "装好的组件无法使用：{reason}。重新启动会重新安装；记录见 {log}。",
        "What was installed does not work: {reason}. Another start installs it anew; the record is in {log}.",
    ),
    "project_unreadable": (
        "无法读取 {path}：{reason}。请重新下载本程序。",
        "{path} cannot be read: {reason}. Please fetch the program again.",
    ),
    "library_missing": (
        "系统缺少窗口所需的库：{libraries}。Debian、Ubuntu 请运行：sudo apt install {debian}；"
        "Fedora 请运行：sudo dnf install {fedora}；其他系统请安装含有这些文件的软件包。",
        "The system lacks libraries that the window needs: {libraries}. On Debian and Ubuntu run: sudo apt install "
        "{debian}; on Fedora run: sudo dnf install {fedora}; elsewhere install the packages that hold these files.",
    ),
    "no_display": (
        "这里没有显示器（DISPLAY 和 WAYLAND_DISPLAY 都没有设置），无法打开窗口。请在桌面上启动；"
        "没有桌面时可用 fabric-desktop 命令，或 --screenshot 输出图片。",
        "There is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set), so no window can open. Start it on a "
        "desktop; without one use the fabric-desktop commands, or --screenshot to get a picture.",
    ),
    "display_unreachable": (
        "连不上显示器 {display}，无法打开窗口。请在桌面上启动，或检查远程连接（ssh -X）。",
        "The display {display} cannot be reached, so no window can open. Start it on a desktop, or check the remote "
        "connection (ssh -X).",
    ),
    "start_failed": (
        "程序没有启动：{reason}。",
        "The program did not start: {reason}.",
    ),
    "unexpected": (
        "启动时出错：{reason}。记录见 {log}，请附上它告诉我们。",
        "The start went wrong: {reason}. Please report it with the record in {log}.",
    ),
}


class SetupProblem(Exception):
    """Something that keeps the program from starting and that a person can put right; `code` is one of SENTENCES."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


def sentences(code: str, **params: object) -> tuple[str, str]:
    """The Chinese and the English sentence of `code`, filled in."""
    zh, en = SENTENCES[code]
    return zh.format(**params), en.format(**params)


def tell(stream: TextIO, code: str, **params: object) -> None:
    """Writes both sentences of `code` to `stream`, a line each."""
    stream.write("\n".join(sentences(code, **params)) + "\n")
    stream.flush()


def explain(problem: SetupProblem) -> None:
    """Writes both sentences of `problem` to standard error."""
    tell(sys.stderr, problem.code, **problem.params)


def one_line(code: str, **params: object) -> str:
    """Both languages in one line, for short progress."""
    return " / ".join(sentences(code, **params))


def let_any_text_through() -> None:
    """Keeps a console that cannot show Chinese from raising."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is not None and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace" if name == "stderr" else "replace")
