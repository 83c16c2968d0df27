"""A demo that runs the real thing: the API, the scheduler and the web app against a DingTalk made here."""

from daka.demo.run import run_demo

__all__ = ["run_demo"]
