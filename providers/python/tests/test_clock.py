"""What a provider has not fails by its name."""

import datetime
import os
import random
import time
import types
import unittest

from portico_provider import Problem
from portico_provider.clock import replace
from portico_provider.fault import located


def copied(module):
    return types.SimpleNamespace(**vars(module))


class Clock(unittest.TestCase):
    def setUp(self):
        self.modules = {each.__name__: copied(each) for each in (datetime, os, random, time)}
        self.names = {"now": time.time, "pick": random.choice, "datetime": datetime.datetime, "environ": os.environ, "other": len}
        replace(self.modules, self.names)

    def said(self, call):
        with self.assertRaises(Problem) as raised:
            call()
        return raised.exception.value[1]

    def test_a_clock_randomness_and_the_environment_fail_by_their_names(self):
        time, random, os = (self.modules[name] for name in ("time", "random", "os"))
        for call, words in [
            (lambda: time.time(), "time.time(): a provider has no clock"),
            (lambda: time.monotonic_ns(), "time.monotonic_ns(): a provider has no clock"),
            (lambda: random.random(), "random.random(): a provider has no randomness"),
            (lambda: random.shuffle([1]), "random.shuffle(): a provider has no randomness"),
            (lambda: os.urandom(4), "os.urandom(): a provider has no randomness"),
            (lambda: os.environ["HOME"], "os.environ: a provider has no environment"),
            (lambda: os.environ.get("HOME"), "os.environ: a provider has no environment"),
            (lambda: "HOME" in os.environ, "os.environ: a provider has no environment"),
            (lambda: os.getenv("HOME"), "os.getenv(): a provider has no environment"),
            (lambda: self.modules["datetime"].datetime.now(), "datetime.now(): a provider has no clock"),
            (lambda: self.modules["datetime"].date.today(), "date.today(): a provider has no clock"),
        ]:
            self.assertTrue(self.said(call).startswith(words), words)

    def test_what_was_imported_by_its_name_fails_too_and_nothing_else_does(self):
        self.assertIn("time.time()", self.said(lambda: self.names["now"]()))
        self.assertIn("random.choice()", self.said(lambda: self.names["pick"]([1])))
        self.assertIn("datetime.utcnow()", self.said(lambda: self.names["datetime"].utcnow()))
        self.assertIn("os.environ", self.said(lambda: self.names["environ"]["HOME"]))
        self.assertIs(self.names["other"], len)
        self.assertEqual(self.names["datetime"](2026, 1, 2).year, 2026)

    def test_a_fault_is_said_with_its_function_and_the_line_of_the_plug_in(self):
        try:
            {}["x"]
        except KeyError as error:
            said = located("discover", "KeyError: 'x'", error)
        self.assertRegex(said, r"^discover: KeyError: 'x' \(.*test_clock.py, line \d+, in test_a_fault")
        self.assertEqual(len(located("discover", "x" * 9000, KeyError())), 500)


if __name__ == "__main__":
    unittest.main()
