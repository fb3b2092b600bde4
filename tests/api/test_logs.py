"""What the log never shows."""

import logging

import pytest

from api import logs


@pytest.mark.parametrize(
    ("said", "logged"),
    [
        ("回访 13800000001 成功", "回访 138****0001 成功"),
        ("证件 110101199001011234。", "证件 110101********1234。"),
        ("座机 0571-88001234", "座机 0571-****1234"),
        ("instance 912204497391591425 was moved", "instance 912204497391591425 was moved"),
        ("password=hunter2x next", "password=*** next"),
        ('{"token": "wf_abc"}', '{"token": ***'),
    ],
    ids=["mobile", "identity card", "land line", "a key of ours stays", "password", "token"],
)
def test_numbers_of_people_and_secrets_are_masked(said, logged):
    record = logging.LogRecord("x", logging.INFO, "", 0, said, None, None)

    assert logs.Masking("%(message)s").format(record) == logged
