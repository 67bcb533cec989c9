"""What stands around a query and says nothing about the thing that is meant."""

from robotics.reasoning.language.words import Phrases

_ASKING = (
    "please, could you, can you, would you, will you, could you please, can you please, "
    "would you please, kindly, now, ok, okay, hey, hi, hello, robot, point at, point to, point out, "
    "point me to, point me at, point, show, show me, tell me, find, find me, locate, detect, "
    "identify, indicate, mark, highlight, look for, look at, search for, spot the, see, do you see, "
    "can you see, can i see, where is, where are, where can i find, where do you see, "
    "tell me where, where, is there, are there, i need, we need, i want, i would like, i want to see, "
    "i am looking for, we are looking for, looking for, i see, give me, get me, get, fetch, "
    "bring me, bring, hand me, pass me, choose, select, pick, pick out, touch, go to, let us, me, "
    "to, at, the position of, the location of, a picture of, for, need, want, put a point on, "
    "put your finger on, draw a box around, what is, what are, there, where there is, exactly, is, "
    "are, also, try to, the point on, you have to, i have to, want you to, i want you to, "
    "i would like you to, help me find, help me to find, give me the place of"
)
ASKING: Phrases[bool] = Phrases.of({True: _ASKING})
"""Polite and wordy starts of a query."""

_CLOSING = (
    "please, for me, now, thanks, thank you, there, here, of the table, do you, can you see, "
    "you can see, is, are, be, would be, if you can, if possible, right now, exactly, would you, "
    "could you, located, that i can see, you see, robot"
)
CLOSING: Phrases[bool] = Phrases.of({True: _CLOSING})
"""What may follow."""
