"""Working time. Ask it when so many days or hours are over (`counting`), why (`worktrace`), which days are off
(`daysoff`), and which hours a working day has (`sessions`)."""
