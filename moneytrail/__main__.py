"""Lets ``python -m moneytrail`` do what the command `moneytrail` does."""

from moneytrail.cli import main

if __name__ == "__main__":
    main()
