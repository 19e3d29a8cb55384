"""Why somebody is content or not: codes and English sources, by grade. Pure; pages translate them."""

REASONS = {
    "satisfied": {"fast": "Quick", "polite": "Polite", "solved": "Solved for good", "clear": "Clear answer"},
    "acceptable": {"slow": "A bit slow", "unclear": "Not quite clear", "partly": "Only partly solved"},
    "dissatisfied": {"unsolved": "Not solved", "slow": "Too slow", "impolite": "Impolite", "wrong": "Wrong answer"},
}
