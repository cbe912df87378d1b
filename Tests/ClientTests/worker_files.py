"""Random worker configuration files: right ones, and such that differ from a right one in a few places.

Keys never hold a colon followed by a blank: the public validator writes places and sentences into one string, which ends the place there.
"""

import json
import random

TYPES = (
    "bool corpus_export dict element_type enum float group int model s3_bucket secret string text worker_version"
).split()


class Raw(str):
    """YAML that is written as it stands."""


# What a value may be replaced by: whatever YAML 1.1 reads in a way of its own, and texts at the edges of the rules.
RAW = [
    "yes", "no", "on", "Off", "Yes", "~", "null", "''", '""', "1", "0", "-0", "+3", "-12", "1.0", "1.", ".5", "-.5", ".nan", ".inf", "-.inf",
    "1e3", "1.5e3", "1.5e+3", "1.0e+400", "-1.0e+400", "0x1F", "0x_", "0b101", "0b_", "012", "08", "0_", "0o7", "1_000", "1_", "_1", "1:30",
    "1:30.5", "1:75", "2020-01-01", "2020-13-45", "2020-01-01 10:00:00", "=", "<<", "'<<'", "!!str 5", "!!int '7'", "!!int 'x'", "!!int ''",
    "!!float 3", "!!float x", "!!bool yes", "!!bool maybe", "!!null x", "!!binary aGk=", "!!binary ''", "!!binary a", "!!binary YWE=", "!!set {a, b}", "!!omap [a: 1]", "!!omap [a]",
    "!!pairs [a: 1, a: 2]", "!!seq {a: b}", "!!map [a]", "!!str [a]", "!!timestamp 2020-01-01", "!unknown x", "! 5", "*nowhere",
    "9007199254740993", "9223372036854775808", "1" + "0" * 30, "1" + "0" * 400, "9" * 4300, "9" * 4301, "0x" + "f" * 300,
    "true", "false", "'true'", "'5'", "[]", "{}", "[a]", "[a, b]", "[a, a]", "[a, b, a]", "[1, 2]", "[1, 1.0]", "[true, 1, x]", "[[a], [b]]",
    "[null, a]", "{a: b}", "{a: 1}", "{1: a}", "{null: a}", "{a: b, a: c}", "{[a]: b}", "{? {a: b} : c}", "{true: a, 1: b, 1.0: c}",
    '" "', '"\\t"', '"\\x1c"', '"\\u00a0"', '"\\u2028"', '"\\u200b"', '"\\x85"', '"\\u3000 "', "é", '"e\\u0301"', "ﬁ", "x" * 100, "x" * 101,
    "x" * 250, "x" * 251, '" ' + "x" * 249 + '"', " ".join(["é"] * 60), "|\n      several\n      lines\n", "'two\n\n      paragraphs'",
    '"64m\\n"', '"64\\n"', '"0"', "'00'", "64m", "'64'", "64M", "'007k'", "supported", "required", "disabled", "Disabled",
]
RAW += TYPES
KEYS = [
    "slug", "extra", "a", "b", "word", '" word "', '"\\tword"', "group.a", "é", '"e\\u0301"', "null", "~", "1", "1.0", "true", "yes", "2020-01-01",
    "<<", "=", "'='", "12.50", ".inf", "0x10", "''", "x" * 251, "*nowhere", "[a]", "version",
]


class Maker:
    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.anchors = 0

    def chance(self, percent: int) -> bool:
        return self.random.randrange(100) < percent

    def file(self) -> str:
        self.anchors = 0
        worker = self.worker()
        for _ in range(self.random.choice([0, 0, 1, 1, 1, 2, 3, 5])):
            self.change(worker)
        text = self.written(worker)
        return self.broken(text) if self.chance(6) else text

    # What is right.

    def worker(self) -> dict:
        worker: dict = {
            "slug": self.random.choice(["reader", "Line-Finder_2", "x" * 100]),
            "display_name": self.random.choice(["Reader", "Lecteur d'écriture", "x" * 100, "yes indeed"]),
            "type": self.random.choice(["recognizer", "dla"]),
            "description": self.random.choice(["Reads.", "# Reads\n\n*well*\n", " x "]),
        }
        for key in ["gpu_usage", "model_usage"]:
            if self.chance(40):
                worker[key] = self.random.choice(["supported", "required", "disabled"])
        if self.chance(40):
            worker["docker"] = {"command": "read --all", "shm_size": self.random.choice(["64m", "1g", "0128k", Raw("'5'")])}
        if self.chance(85):
            worker["configuration"] = [self.field(index) for index in range(self.random.randrange(5))]
        return worker

    def field(self, index: int, in_group: bool = False) -> dict:
        kind = self.random.choice([kind for kind in TYPES if not (in_group and kind == "group")])
        field: dict = {"key": f"key_{index}", "display_name": f"Key {index}", "type": kind}
        if self.chance(30):
            field["help_text"] = "Some help"
        if kind == "group":
            field["children"] = [self.field(child, True) for child in range(1 + self.random.randrange(3))]
            return field
        if kind == "enum":
            field["choices"] = self.random.sample(["red", "green", "blue", "é", Raw('"e\\u0301"'), "Red"], 2 + self.random.randrange(3))
        many = kind in ("int", "float", "string", "worker_version", "element_type") and self.chance(30)
        if many:
            field["many"] = True
        if self.chance(50) and kind in ("bool", "dict", "enum", "float", "int", "string", "text"):
            values = [self.default(kind, field) for _ in range(self.random.randrange(3))]
            field["default"] = values if many else self.default(kind, field)
        if self.chance(20):
            field["required"] = self.chance(50)
        if self.chance(20):
            field["editable"] = self.chance(50)
            if not field["editable"] and "default" not in field:
                field["default"] = None
        if self.chance(5) and kind != "enum":
            field["choices"] = ["a", "b"]
        if self.chance(4):
            field["children"] = [self.field(child, True) for child in range(self.random.randrange(3))]
        return field

    def default(self, kind: str, field: dict):
        return {
            "bool": lambda: self.random.choice([True, False, Raw("yes"), Raw("Off")]),
            "dict": lambda: self.random.choice([{}, {"a": "b"}, {"é": "x", "A": ""}, Raw("{yes it is: b, '1': '2'}")]),
            "enum": lambda: self.random.choice(field["choices"]),
            "float": lambda: self.random.choice([0.5, -1.0, 4, Raw("1_0.5"), Raw("1:30"), Raw("true"), Raw("1.5e+300"), Raw("9007199254740993")]),
            "int": lambda: self.random.choice([4, -1, 0, Raw("0x1F"), Raw("012"), Raw("1_000"), Raw("yes"), Raw("1" + "0" * 30), Raw("-0")]),
            "string": lambda: self.random.choice(["text", "", "é", Raw("'5'"), Raw("1e3"), Raw('"\\u00e9\\n"')]),
            "text": lambda: self.random.choice(["long\ntext\n", "", " "]),
        }[kind]()

    # What makes it wrong, often enough.

    def change(self, worker: dict) -> None:
        places = list(self.places(worker))
        holder, key = self.random.choice(places)
        what = self.random.randrange(10)
        if what < 5 or isinstance(holder, list):
            # The validator prints a mapping with its colons, and so nobody could tell where the place ends.
            holder[key] = Raw(self.random.choice([raw for raw in RAW if not (key == "key" and "{" in raw)]))
        elif what < 6:
            del holder[key]
        elif what < 7:
            holder[Raw(self.random.choice(KEYS))] = Raw(self.random.choice(RAW))
        elif what < 8 and isinstance(worker.get("configuration"), list):
            self.change_field(worker["configuration"])
        else:
            self.share(worker)

    def change_field(self, fields: list) -> None:
        """A rule of fields, rather than a value, is broken; or just not."""
        found = [field for field in self.fields(fields)]
        if not found:
            return
        field = self.random.choice(found)
        one = self.random.choice(
            [
                lambda: field.update(key=Raw(self.random.choice(KEYS + ["key_0", "key_1"]))),
                lambda: field.update(type=self.random.choice(TYPES)),
                lambda: field.update(many=self.chance(80)),
                lambda: field.update(editable=Raw(self.random.choice(["false", "null", "0", "true"]))),
                lambda: field.update(required=True),
                lambda: field.update(choices=Raw(self.random.choice(["[]", "[a]", "[a, b]", "[a, a]", "aa", "ab", "{}", "null", "[a, [b]]", "0", "''"]))),
                lambda: field.update(children=Raw(self.random.choice(["[]", "null", "{}", "[x]", "''", "abc", "[{}]", "[{key: a}, {key: a}]"]))),
                lambda: field.update(children=[self.field(0, self.chance(70)), self.field(self.random.randrange(2), True)]),
                lambda: field.update(default=Raw(self.random.choice(RAW))),
                lambda: fields.append(dict(self.random.choice(found))),
                lambda: field.pop("key", None),
            ]
        )
        one()

    def share(self, worker: dict) -> None:
        """Anchors, aliases and merged mappings."""
        self.anchors += 1
        name = f"a{self.anchors}"
        fields = worker.get("configuration")
        way = self.random.randrange(6)
        if way == 0:
            worker["type"] = Raw(f"&{name} shared")
            worker["display_name"] = Raw(f"*{name}")
        elif way == 1:
            worker["docker"] = Raw(f"{{<<: {{command: {'x' * self.random.randrange(3)}a, shm_size: 1}}, shm_size: '2'}}")
        elif way == 2 and isinstance(fields, list):
            fields.append(Raw(f"&{name} {{key: shared, display_name: Shared, type: int, default: 4}}"))
            fields.append(Raw(f"{{<<: *{name}, key: other{self.random.choice(['', ', default: x', ', type: string'])}}}"))
        elif way == 3 and isinstance(fields, list):
            fields.append(
                Raw(f"{{<<: [{{key: k, type: int, a: 1}}, {{key: k, type: {self.random.choice(TYPES)}, display_name: x}}], display_name: M}}")
            )
        elif way == 4 and isinstance(fields, list):
            fields.append(Raw(f"&{name} {{key: k, display_name: x, type: string, default: *{name}}}"))
        else:
            worker[Raw(self.random.choice(["<<", "'<<'"]))] = Raw(self.random.choice(["{gpu_usage: required}", "[]", "x", "[{}]", "{zz: 1}"]))

    def places(self, value):
        if isinstance(value, dict):
            for key in value:
                yield value, key
                yield from self.places(value[key])
        elif isinstance(value, list):
            for index, item in enumerate(value):
                yield value, index
                yield from self.places(item)

    def fields(self, value):
        for field in value:
            if isinstance(field, dict):
                yield field
                if isinstance(field.get("children"), list):
                    yield from self.fields(field["children"])

    # How it is written down.

    def written(self, worker: dict) -> str:
        if not worker:
            return self.random.choice(["", "{}", "---\n", "# nothing\n", "null"])
        lines = []
        for key, value in worker.items():
            if key == "configuration" and isinstance(value, list) and value:
                lines.append("configuration:")
                for field in value:
                    if isinstance(field, dict) and field and self.chance(50):
                        for number, (name, item) in enumerate(field.items()):
                            lines.append(f"  {'-' if number == 0 else ' '} {self.flow(name)}: {self.flow(item)}")
                    else:
                        lines.append(f"  - {self.flow(field)}")
            else:
                lines.append(f"{self.flow(key)}: {self.flow(value)}")
        if self.chance(10):
            lines.append(self.random.choice(lines))
        return self.random.choice(["", "", "---\n", "%YAML 1.1\n---\n"]) + "\n".join(lines) + "\n"

    def flow(self, value) -> str:
        if isinstance(value, Raw):
            return str(value)
        if isinstance(value, dict):
            return "{" + ", ".join(f"{self.flow(key)}: {self.flow(item)}" for key, item in value.items()) + "}"
        if isinstance(value, list):
            return "[" + ", ".join(self.flow(item) for item in value) + "]"
        if isinstance(value, str) and value.isidentifier() and value.isascii() and value.lower() not in ("yes", "no", "on", "off", "true", "false", "null", "y", "n"):
            return value
        return json.dumps(value, ensure_ascii=self.chance(50))

    def broken(self, text: str) -> str:
        """The text itself is damaged."""
        place = self.random.randrange(len(text) + 1)
        return self.random.choice(
            [
                lambda: text[:place] + text[place + 1 :],
                lambda: text[:place],
                lambda: text[:place] + self.random.choice(list("{}[]&*!|>'\"%@`:-#?, \t\n\r") + ["\x07", "\ufeff", "---\n", "...\n"]) + text[place:],
                lambda: text + "---\n" + text,
                lambda: text + "...\n",
                lambda: text.replace("  ", "\t", 1),
                lambda: text.replace("\n", "\r\n"),
                lambda: "[" * 2000 + text,
            ]
        )()
