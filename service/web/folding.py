"""Text as it is searched, so that građevinska, gradevinska and грађевинска find each other. Pure."""

import unicodedata

import cyrtranslit


def folded(text: str) -> str:
    """Cyrillic to Latin first, then small letters without marks; đ, dj and ђ alike."""
    latin = cyrtranslit.to_latin(cyrtranslit.to_latin(text.lower(), "mk"), "sr").lower()
    bare = "".join(letter for letter in unicodedata.normalize("NFKD", latin) if not unicodedata.combining(letter))
    return bare.replace("đ", "d").replace("dj", "d").replace("gj", "d").replace("ǵ", "d")
