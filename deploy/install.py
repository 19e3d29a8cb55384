"""Installs Cầu Nối from the folder that this file is in, without the internet: python3 install.py FOLDER

Makes FOLDER a virtual environment with the release in it; FOLDER/bin/caunoi is the command. Whoever prefers it does the
same by hand: python3 -m venv FOLDER && FOLDER/bin/pip install --no-index --find-links HERE 'caunoi[s3,pkcs11]'
"""
# Written so that an old Python reads it and can say that it is too old.

import os
import platform
import subprocess
import sys
import sysconfig

HERE = os.path.dirname(os.path.abspath(__file__))
EXTRAS = ["s3", "pkcs11"]  # that a release brings along: files in a bucket, a master key in a hardware module


def machine():
    """What decides whether wheels fit, one fact a line."""
    return ["CPython " + sysconfig.get_python_version(), platform.system() + " " + platform.machine()]


def main():
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        print(__doc__.strip().splitlines()[0])
        return 2
    with open(os.path.join(HERE, "MACHINE")) as file:
        wanted = file.read().splitlines()
    if machine() != wanted:
        said = "This wheelhouse is for {}; this is {}. Take the one for this machine, or build it here: make release"
        print(said.format(", ".join(wanted), ", ".join(machine())), file=sys.stderr)
        return 1
    folder = os.path.abspath(sys.argv[1])
    pip = [os.path.join(folder, "bin", "python"), "-m", "pip", "--disable-pip-version-check"]
    for command in (
        [sys.executable, "-m", "venv", folder],
        [*pip, "install", "-q", "--no-index", "-f", HERE, "caunoi[{}]".format(",".join(EXTRAS))],
    ):
        if subprocess.call(command):
            print("Not installed: `{}` failed, the reason is above.".format(" ".join(command)), file=sys.stderr)
            return 1
    print("Installed. Now: {} up".format(os.path.join(folder, "bin", "caunoi")))
    return 0


if __name__ == "__main__":
    sys.exit(main())
