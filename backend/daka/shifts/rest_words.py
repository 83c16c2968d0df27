"""Words for a rest shift. Pure, and without imports: each file is read by a process of its own."""

REST_WORDS = ("休", "休息", "公休", "轮休", "off", "rest", "r")
"""In files, when pasting and in the template; shift codes and names take precedence. The web app has the same list
(frontend/src/roster/clipboard.ts)."""
