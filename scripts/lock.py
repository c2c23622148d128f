"""`make lock`: resolve Pipfile and package.json anew, without naming any registry.

pipenv writes the index it used into the lock; a lock without sources installs from whatever index
pip is configured for, and its hashes still decide what is accepted.
"""

import json
import os

from set_up import ROOT, check_python, install_python_packages, npm, pipenv, say


def main():
    """Lock both package managers' dependencies."""
    check_python()
    say("locking the Python packages")
    pipenv("lock")
    path = os.path.join(ROOT, "Pipfile.lock")
    with open(path) as file:
        lock = json.load(file)
    lock["_meta"]["sources"] = []
    with open(path, "w") as file:
        json.dump(lock, file, indent=4)
        file.write("\n")
    install_python_packages()
    say("locking the Node packages")
    npm("install", "--package-lock-only")


if __name__ == "__main__":
    main()
