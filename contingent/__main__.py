"""The command line: ``contingent`` is the same as ``python -m contingent``."""

from __future__ import annotations

import click

from contingent.commands.table import Commands


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="contingent", message="%(prog)s %(version)s")
def main() -> None:
    """Police peacekeeping, from the international request to the last check-in after an officer is home.

    To try it, run `contingent demo` and open the address it prints.

    To run it, set DATABASE_URL to a PostgreSQL 15 or later (without it, an embedded server is used), then:
    `contingent database bootstrap --print` once, `contingent migrate`, and `contingent serve`.

    Each command explains itself: `contingent tenant --help`.
    """


if __name__ == "__main__":
    main(prog_name="contingent")
