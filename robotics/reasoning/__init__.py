"""What an embodied reasoner is asked and answers: types, text formats, language, drawing; no torch."""
