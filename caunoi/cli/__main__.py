import sys

from caunoi.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
