"""Compile the project beforehand, so that no build of this machine waits for it: ``python -m aimline.transform``."""

from aimline.transform.compiling import plan_of

if __name__ == "__main__":
    plan_of()
