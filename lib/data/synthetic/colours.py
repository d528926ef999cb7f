"""Colours: red, green and blue from 0 to 255."""

Colour = tuple[float, float, float]

BLACK: Colour = (22, 22, 24)
CHROME: Colour = (208, 212, 216)
FABRIC: Colour = (236, 200, 120)
GLASS: Colour = (46, 58, 70)
RED: Colour = (190, 24, 30)
SKY: Colour = (214, 226, 238)


def tone(colour: Colour, factor: float) -> Colour:
    """The colour, lighter (factor above 1) or darker."""
    return tuple(channel * factor for channel in colour)


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """The first colour with a share (0 to 1) of the second."""
    return tuple(a * (1 - share) + b * share for a, b in zip(first, second))


def solid(colour: Colour) -> tuple[int, ...]:
    """The colour as Pillow takes it."""
    return tuple(max(0, min(255, int(channel))) for channel in colour)
