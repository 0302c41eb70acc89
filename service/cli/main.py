"""The `taksa` command: one module per noun, put together."""

import click

from service.cli import demo, keys, migrate, officer, place, receipt, schedule, serving, verify
from service.cli.refusing import Refusing


@click.group(cls=Refusing, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="taksa")
def main() -> None:
    """Published fees, signed receipts, public answers.

    Commands that need the registry read TAKSA_DATABASE_URL, TAKSA_ORIGIN and, to sign, TAKSA_PASSPHRASE_FILE.
    """


for command in (
    demo.demo,
    serving.serve,
    migrate.migrate,
    schedule.schedule,
    receipt.receipt,
    verify.verify,
    keys.keys,
    officer.officer,
    place.place,
):
    main.add_command(command)
