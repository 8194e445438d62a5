import json
import unittest

from portico_provider.parse import parse


class Parsing(unittest.TestCase):
    def test_what_is_nested_too_deep_is_refused_before_it_is_parsed(self):
        parse("[" * 100 + "]" * 100)
        for deep in ["[" * 101 + "]" * 101, '{"a":' * 500_000, '"\\\\"' + "[" * 101]:
            with self.assertRaisesRegex(ValueError, "too deep"):
                parse(deep)

    def test_brackets_in_strings_are_no_nesting_and_a_string_may_end_anywhere(self):
        text = json.dumps({'"\\' + "[" * 300: ["\\", '\\"' + "{" * 300]})
        self.assertEqual(parse(text), json.loads(text))
        for broken in ['"', '"\\', '"\\"', "]]]]"]:
            with self.assertRaises(ValueError):
                parse(broken)


if __name__ == "__main__":
    unittest.main()
