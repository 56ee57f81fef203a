"""The subcommands of ``contingent``. Each module is imported when its command is called, not before."""
