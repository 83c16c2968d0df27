"""A demo with the real API, scheduler and web app, and a fake DingTalk."""

from daka.demo.run import run_demo

__all__ = ["run_demo"]
