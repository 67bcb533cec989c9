"""What can go wrong between a question and its answer; each message is one line for a user."""

from collections.abc import Iterable

from robotics.errors import RoboticsError, shorten


class ReasoningError(RoboticsError):
    """Root of the errors of reasoners."""


class QueryError(ReasoningError):
    """The query is empty, too long or cannot be understood at all."""


class UnknownWordsError(QueryError):
    """The text holds words that the vocabulary does not."""

    def __init__(self, words: Iterable[str], suggestions: Iterable[str] = (), note: str = ""):
        self.words, self.suggestions = tuple(words), tuple(suggestions)
        hint = f" (did you mean {' or '.join(map(repr, self.suggestions))}?)" if self.suggestions else ""
        names = ", ".join(f"'{shorten(word)}'" for word in self.words)
        super().__init__(f"unknown word{'s' * (len(self.words) > 1)} {names}{hint}{note}")


class InstructionError(QueryError):
    """The words of an instruction are known, but it is nothing that can be done."""


class ImageError(ReasoningError):
    """No such file, not an image, or an image that cannot be used."""


class MissingInputError(ReasoningError):
    """The question wants depth, intrinsics or extrinsics that the view lacks."""


class UnsupportedQuestionError(ReasoningError):
    """This reasoner cannot answer this kind of question."""

    def __init__(self, reasoner: str, kind: str, supported: Iterable[str]):
        super().__init__(f"reasoner '{reasoner}' cannot answer '{kind}'; it can: {', '.join(supported)}")


class AnswerFormatError(ReasoningError):
    """A model's text could not be parsed; it is counted as such, never guessed. `text` is what it said."""

    def __init__(self, message: str, text: str):
        self.text = text
        super().__init__(message)


class BackendError(ReasoningError):
    """The model behind the reasoner failed: no key, no network, time-out, quota, missing weights."""
