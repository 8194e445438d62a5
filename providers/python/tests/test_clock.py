"""Clocks, randomness and the environment fail with their name."""

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

    def message(self, call):
        with self.assertRaises(Problem) as raised:
            call()
        return raised.exception.value[1]

    def test_clock_randomness_and_environment_fail_with_their_names(self):
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
            self.assertTrue(self.message(call).startswith(words), words)

    def test_imported_names_fail_too_and_others_do_not(self):
        self.assertIn("time.time()", self.message(lambda: self.names["now"]()))
        self.assertIn("random.choice()", self.message(lambda: self.names["pick"]([1])))
        self.assertIn("datetime.utcnow()", self.message(lambda: self.names["datetime"].utcnow()))
        self.assertIn("os.environ", self.message(lambda: self.names["environ"]["HOME"]))
        self.assertIs(self.names["other"], len)
        self.assertEqual(self.names["datetime"](2026, 1, 2).year, 2026)

    def test_located_has_function_and_line_of_the_fault(self):
        try:
            {}["x"]
        except KeyError as error:
            message = located("discover", "KeyError: 'x'", error)
        self.assertRegex(message, r"^discover: KeyError: 'x' \(.*test_clock.py, line \d+, in test_located")
        self.assertEqual(len(located("discover", "x" * 9000, KeyError())), 500)


if __name__ == "__main__":
    unittest.main()
