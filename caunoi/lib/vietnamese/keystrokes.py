"""Words as a keyboard left them: Telex and VNI keys that no input method turned into marks.

`ddawng` and `d9a8ng` are đăng. For matching only: what they stand for is given folded.
"""

import re

_TELEX = (("dd", "d"), ("aw", "a"), ("aa", "a"), ("ee", "e"), ("oo", "o"), ("ow", "o"), ("uw", "u"))
_TELEX_TONE = re.compile("(?<=[aeiouyw])([bcdghklmnpqtv]{0,2})[sfrxj]$|[sfrxj](?=[bcdghklmnpqtv]{1,2}$)")
_VNI = re.compile("[1-9]")
_VOWEL = re.compile("[aeiouyw]")


def unmarked(word: str) -> str | None:
    """The folded syllable that these ASCII letters meant in Telex or VNI; None where they can mean none.

    The reader must still ask whether such a syllable exists: `box` may be bõ.
    """
    word = word.lower()
    if not word.isascii() or not word.isalnum() or not _VOWEL.search(word):
        return None
    plain = word
    if word[0].isalpha() and _VNI.search(word):
        plain = _VNI.sub("", word)
    elif word.isalpha():
        plain = _TELEX_TONE.sub(lambda tone: tone.group(1) or "", word)
        for keys, letter in _TELEX:
            plain = plain.replace(keys, letter)
        plain = re.sub("(?<=[^aeiouy])w|^w", "u", plain) if "w" in plain else plain
    return plain if plain != word and plain.isalpha() else None
