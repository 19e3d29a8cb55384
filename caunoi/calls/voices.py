"""A machine's voice: espeak-ng, a separate program, used where it is installed. Its southern Vietnamese voice is plain
to tell from a person's, and it is labelled as a machine's wherever the sound is listed."""

import shutil
import subprocess

PROGRAM, VOICE = "espeak-ng", "vi-vn-x-south"
SPEED = 150  # words a minute: slow enough for a line
LONGEST_TEXT = 2000  # characters
SECONDS = 30.0


class NoVoiceError(Exception):
    """`code`: missing (the program is not installed) | failed | long."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


def has_voice() -> bool:
    return shutil.which(PROGRAM) is not None


def speak(text: str) -> bytes:
    """A text spoken, as a WAV. NoVoiceError."""
    program = shutil.which(PROGRAM)
    if program is None:
        raise NoVoiceError("missing")
    if len(text) > LONGEST_TEXT:
        raise NoVoiceError("long")
    command = [program, "-v", VOICE, "-s", str(SPEED), "--stdin", "--stdout"]
    try:
        done = subprocess.run(command, input=text.encode(), capture_output=True, timeout=SECONDS, check=True)
    except (OSError, subprocess.SubprocessError):
        raise NoVoiceError("failed") from None
    return done.stdout
