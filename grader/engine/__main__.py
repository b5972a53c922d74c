"""`python -m grader.engine`: the process behind one grade."""

import sys

from grader.engine.serve import main

if __name__ == "__main__":
    sys.exit(main())
