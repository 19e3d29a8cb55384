#!/bin/sh
# Prints a Python ≥ 3.12 that really runs (a shim may be there and fail). Used by the Makefile.
for name in ${PYTHON:-} python3.13 python3.14 python3.12 /usr/bin/python3.13 /usr/bin/python3.14 /usr/bin/python3.12 \
    python3 /usr/bin/python3 "$HOME"/.pyenv/versions/3.1[2-9]*/bin/python; do
    if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 12))' >/dev/null 2>&1; then
        "$name" -c 'import sys; print(sys.executable)'
        exit 0
    fi
done
echo 'Python 3.12 or newer is needed; on Debian: apt-get install python3' >&2
exit 1
