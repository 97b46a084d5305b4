"""scim2, whose `test` expects of an `add` to a list what RFC 7644 says, also where scim2-tester 0.5.2 does not."""
from importlib.metadata import version

from scim2_cli import cli
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import utils
from scim2_tester.checkers import patch_add


def expect_added():
    """RFC 7644, 3.5.2.1: "If the target location specifies a multi-valued attribute, a new value is added to the attribute."
    This version expects the added value alone (scim2_tester/checkers/patch_add.py, lines 125 and 170), also where the person
    had values before. Here each of those must still be there, in its place, and what was added after them; and "if the target
    location already contains the value specified, no changes SHOULD be made", because the values are drawn."""
    modify = SyncSCIMClient.modify
    held = []

    def modify_noting(client, *, target, id, patch_op):
        nonlocal held
        operation = patch_op.operations[0]
        if operation.op == operation.Op.add:
            held = operation.path.get(client.query(target, id)) or []
        return modify(client, target=target, id=id, patch_op=patch_op)

    def equality(added, actual):
        expected = held + [each for each in added if each not in held] if isinstance(added, list) else added
        return utils.fields_equality(expected, actual)

    SyncSCIMClient.modify = modify_noting
    patch_add.fields_equality = equality


if version("scim2-tester") == "0.5.2":  # a later one is asked as it is
    expect_added()
cli()
