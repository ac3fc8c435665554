"""
Errors of the exercise world.

ExerciseError
├── CannotDraw      this build of OpenCV lacks a codec the world needs
├── PortTaken       another process listens where a site is known to be
└── WrongAnswers    an answers file does not fit
"""


class ExerciseError(Exception):
    """Anything the exercise world cannot do."""


class CannotDraw(ExerciseError):
    """This build of OpenCV lacks a codec the world needs."""

    def __init__(self, what: str) -> None:
        super().__init__(f"OpenCV cannot write {what} here; install the opencv-python-headless wheel, which can")
        self.what = what


class WrongAnswers(ExerciseError):
    """An answers file does not fit."""

    def __init__(self, file: str, line: int, reason: str) -> None:
        super().__init__(f"{file}, line {line}: {reason}; write the file again with `write_answers`")
        self.file = file
        self.line = line
        self.reason = reason


class PortTaken(ExerciseError):
    """Another process listens where a site of the world is known to be."""

    def __init__(self, platform: str, port: int) -> None:
        super().__init__(
            f"port {port} of {platform} is in use; end the process that listens on it (another `marque serve` or "
            "`marque demo`?), or make the world anew on free ports with `marque demo`"
        )
        self.platform = platform
        self.port = port
