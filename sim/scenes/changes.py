"""stub"""


def changed(*_):
    return None
