"""To and from the text that vision-language models speak: parsers repair what is clear and refuse the rest.

Conventions of Gemini Robotics-ER: integers 0..1000 of the image's height and width, y first, in fenced JSON.
`points`, `boxes`, `boxes3d`, `grasps`, `paths` and `words` hold writers and parsers, `prompts` the questions.
"""
