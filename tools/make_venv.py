"""Create .venv or bring it up to date: python tools/make_venv.py

The Makefile calls this with whatever Python it was given, so this file must at least parse under any of them, Python 2
included: no f-strings, no annotations.
"""

import os
import subprocess
import sys

OLDEST, NEWEST = (3, 11), (3, 13)
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
INSTALL = "-m pip install --disable-pip-version-check -r requirements.txt -c constraints.txt -e .".split()


def refusal(version):
    """Say why a Python `version`, a tuple like (3, 10, 2), will not do; an empty string when it will."""
    if OLDEST <= tuple(version[:2]) <= NEWEST:
        return ""
    found = ".".join(str(part) for part in version[:3])
    return (
        "This course needs Python 3.11, 3.12 or 3.13, and %s is Python %s.\n"
        "Name another one that is installed: make PYTHON=python3.12 book" % (sys.executable, found)
    )


def must_be_cleared(python, stamp):
    """Tell whether .venv is of no use here: made by another Python, or for a folder it has been moved away from."""
    if os.path.exists(stamp):
        with open(stamp) as file:
            if file.read().strip() != os.getcwd():
                return True
    if not os.path.exists(python):
        return False
    ask = [python, "-c", "import sys; print(sys.version_info[:3])"]
    return subprocess.check_output(ask, universal_newlines=True).strip() != str(sys.version_info[:3])


def main():
    """Make .venv, install into it, and only then write the stamp: an interrupted run leaves none."""
    message = refusal(sys.version_info)
    if message:
        sys.exit(message)
    os.chdir(ROOT)
    scripts = "Scripts" if os.name == "nt" else "bin"
    python, stamp = os.path.join(".venv", scripts, "python"), os.path.join(".venv", ".installed")
    clear = ["--clear"] if must_be_cleared(python, stamp) else []
    if os.path.exists(stamp):
        os.remove(stamp)
    print("Setting up .venv. The first time takes some minutes.")
    sys.stdout.flush()
    subprocess.check_call([sys.executable, "-m", "venv"] + clear + [".venv"])
    subprocess.check_call([python] + INSTALL)
    with open(stamp, "w") as file:
        file.write(os.getcwd() + "\n")


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit("Set-up stopped: `%s` failed. Its message is above." % " ".join(error.cmd))
    except KeyboardInterrupt:
        sys.exit("Interrupted. Nothing is lost: the same command starts again.")
