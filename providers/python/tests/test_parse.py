import json
import unittest

from portico_provider.parse import parse


class Parsing(unittest.TestCase):
    def test_parse_refuses_deep_nesting(self):
        parse("[" * 100 + "]" * 100)
        for deep in ["[" * 101 + "]" * 101, '{"a":' * 500_000, '"\\\\"' + "[" * 101]:
            with self.assertRaisesRegex(ValueError, "too deep"):
                parse(deep)

    def test_parse_does_not_count_brackets_in_strings(self):
        text = json.dumps({'"\\' + "[" * 300: ["\\", '\\"' + "{" * 300]})
        self.assertEqual(parse(text), json.loads(text))
        for broken in ['"', '"\\', '"\\"', "]]]]"]:
            with self.assertRaises(ValueError):
                parse(broken)


if __name__ == "__main__":
    unittest.main()
